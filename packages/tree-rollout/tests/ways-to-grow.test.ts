import {
  pathTo,
  type Expansion,
  type PromptContext,
  type SpendingPlan,
  type SpendingRule,
  type Tree,
} from '@spark-rl/core';

import { rolloutTree, type RolloutEvent } from '../src/index.js';
import {
  exploring,
  parts,
  plainWorld,
  protocol,
  shape,
  strictLeaves,
  strictTurns,
} from './support.js';

const turnIds = (tree: Tree): string[] => [...tree.turns.keys()];

describe('forks at the same turn', () => {
  const sameTurn = { forkAt: 'same-turn', maxTurns: 2 } as const;

  it('let siblings respond anew to what the exploring turn responded to', async () => {
    const environment = plainWorld();
    const prompts: string[] = [];
    const spying = {
      ...protocol,
      prompt: (context: PromptContext) => {
        prompts.push(`${context.past.length} ${context.observation}`);
        return protocol.prompt(context);
      },
    };
    const table = { 0: 'think a', '0.0': 'explore b', '0.1': 'think win', '0.2': 'explore c' };
    const tree = await rolloutTree(
      parts(table, {
        ...sameTurn,
        environment,
        protocol: spying,
        roots: 1,
        criterion: exploring(3),
        maxTurns: 3,
      }),
    );
    // All three step the state after a; 0.2 explores too, but siblings may not fork at that turn.
    expect(
      environment.steps.filter((step) => step.startsWith('>a>') && step.split('>').length === 3),
    ).toEqual(['>a>b', '>a>win', '>a>c']);
    expect(prompts).toEqual([
      '0 start',
      ...Array(3).fill('1 after a'),
      ...Array(2).fill(expect.stringMatching(/^2 after [bc]$/)),
    ]);
    expect(shape(tree)).toEqual({
      turns: ['0:1', '0.0:3', '0.0.0:1', '0.1:1', '0.2:1', '0.2.0:1'],
      leaves: ['0.0.0 truncated', '0.1 success', '0.2.0 truncated'],
    });
  });

  it('at turn 0 open further roots, numbered in the order of the turns that asked', async () => {
    const events: RolloutEvent[] = [];
    const tree = await rolloutTree(
      parts(
        { 0: 'think a', 1: 'explore b', 2: 'explore c', 3: 'think d', 4: 'explore e' },
        { ...sameTurn, roots: 3, onEvent: (event) => void events.push(event) },
      ),
    );
    expect(turnIds(tree)).toEqual(['0', '0.0', '1', '1.0', '2', '2.0', '3', '3.0', '4', '4.0']);
    const forks = events.filter(({ type }) => type === 'fork');
    expect(forks).toEqual([
      { type: 'fork', tree: 't', node: '1', children: ['1', '3'] },
      { type: 'fork', tree: 't', node: '2', children: ['2', '4'] },
    ]);
    expect(tree.account).toMatchObject({ used: 5, free: 3 });
  });

  it('are granted as others are: min(b, N - created + 1)', async () => {
    const tree = await rolloutTree(
      parts(
        { 0: 'explore a', 1: 'explore b' },
        { ...sameTurn, roots: 2, criterion: exploring(4), budget: strictLeaves(6) },
      ),
    );
    expect(shape(tree).turns.filter((turn) => !turn.includes('.'))).toEqual([
      '0:4',
      '1:2',
      '2:1',
      '3:1',
      '4:1',
      '5:1',
    ]);
  });
});

describe('an expansion', () => {
  /** Chooses what a table says for each round. */
  const chosen = (...rounds: readonly (readonly [string | null, number][])[]): Expansion => ({
    id: 'chosen',
    rounds: rounds.length,
    choose: ({ round }) =>
      rounds[round]!.map(([node, children]) => ({ node: node as never, children })),
  });

  it('grows a finished tree from the states after the chosen turns, and from the start', async () => {
    const environment = plainWorld();
    const released: string[] = [];
    const tree = await rolloutTree(
      parts(
        {
          0: 'think a',
          '0.0': 'think lose',
          '0.1': 'think win',
          1: 'think b',
          '1.0': 'think lose',
        },
        {
          environment: { ...environment, release: (state) => void released.push(state) },
          roots: 1,
          maxTurns: 3,
          expansion: chosen(
            [
              ['0', 1],
              [null, 1],
            ],
            [
              ['0', 1],
              ['1', 2],
            ],
          ),
          budget: strictLeaves(5),
        },
      ),
    );
    // Round 0: 0.1 and root 1, so created 3. Round 1: 0.2, then one of the two that 1 was to get.
    expect(shape(tree)).toEqual({
      turns: ['0:3', '0.0:1', '0.1:1', '0.2:1', '0.2.0:1', '1:2', '1.0:1', '1.1:1', '1.1.0:1'],
      leaves: ['0.0 failure', '0.1 success', '0.2.0 truncated', '1.0 failure', '1.1.0 truncated'],
    });
    expect(pathTo(tree, '0.2.0' as never).map(({ observation }) => observation)).toEqual([
      'start',
      'after a',
      'after wait',
    ]);
    expect(tree.account).toEqual({ limit: 5, used: 5, reserved: 0, failed: 0, free: 0 });
    // Every state was released once.
    expect([...released].sort()).toEqual([...new Set(released)].sort());
    expect(released).toHaveLength(1 + environment.steps.length);
  });

  it('lets its new paths fork where the criterion asks', async () => {
    const tree = await rolloutTree(
      parts(
        { 0: 'think a', '0.1': 'explore b' },
        { roots: 1, maxTurns: 3, expansion: chosen([['0', 1]]) },
      ),
    );
    expect(turnIds(tree)).toEqual(['0', '0.0', '0.0.0', '0.1', '0.1.0', '0.1.1']);
  });

  it('is told which turns may have children, and stops when it chooses nothing or nothing is free', async () => {
    const asked: unknown[] = [];
    const expansion: Expansion = {
      id: 'spy',
      rounds: 5,
      choose: ({ round, expandable, account, tree }) => {
        asked.push([round, expandable, account.free, tree.leaves.length]);
        return round === 1 ? [] : [{ node: expandable[0]!, children: 1 }];
      },
    };
    const options = { roots: 2, maxTurns: 3, expansion };
    await rolloutTree(parts({ 1: 'think win' }, options));
    expect(asked).toEqual([
      [0, ['0', '0.0'], 6, 2],
      [1, ['0', '0.0', '0.1'], 5, 3],
    ]);
    asked.length = 0;
    await rolloutTree(parts({ 1: 'think win' }, { ...options, budget: strictLeaves(3) }));
    expect(asked).toHaveLength(1);
  });

  it.each([
    ['0.0', 1, /chose node 0\.0.*expandable/],
    ['9', 1, /chose node 9/],
    ['0', 0, /chose 0 children/],
    [null, 1.5, /chose 1.5 children/],
  ])('that chooses node %s with %d children is refused', async (node, children, message) => {
    const options = { roots: 1, maxTurns: 2, expansion: chosen([[node, children]]) };
    await expect(rolloutTree(parts({}, options))).rejects.toThrow(message);
  });
});

describe('a spending rule', () => {
  const rule = (plan: SpendingPlan, probes = 2): SpendingRule => ({
    id: 'rule',
    probes,
    plan: (turns) => {
      seen.push(turns.map(({ action }) => action));
      return plan;
    },
  });
  const seen: string[][] = [];
  beforeEach(() => (seen.length = 0));
  const table = Object.fromEntries([0, 1, 2, 3].map((i) => [i, `explore ${'abcd'[i]}`]));

  it('looks at the first turns of its probes, and plans M, N and B of the task', async () => {
    const spending = rule({ roots: 3, leaves: 5, width: 2 });
    const tree = await rolloutTree(
      parts(table, { spending, criterion: exploring(4), maxTurns: 2 }),
    );
    expect(seen).toEqual([['a', 'b']]);
    // M 3; each asks for 4 and may get 2; N 5 leaves room for two forks.
    expect(shape(tree).turns.filter((turn) => !turn.includes('.'))).toEqual(['0:2', '1:2', '2:1']);
    expect(tree.account).toEqual({ limit: 5, used: 5, reserved: 0, failed: 0, free: 0 });
  });

  it('may leave it at the probes', async () => {
    const spending = rule({ roots: 2, leaves: 2, width: 1 });
    const tree = await rolloutTree(parts(table, { spending, maxTurns: 2 }));
    expect(turnIds(tree)).toEqual(['0', '0.0', '1', '1.0']);
  });

  it('is not asked when all probes were lost', async () => {
    const policy = { id: 'broken', generate: () => Promise.reject(new Error('gone')) };
    const spending = rule({ roots: 4, leaves: 8, width: 2 });
    const tree = await rolloutTree(parts(table, { spending, policy, retries: 0 }));
    expect(shape(tree).leaves).toEqual(['0 failed', '1 failed']);
    expect(seen).toEqual([]);
  });

  it.each([
    [{ roots: 1, leaves: 5, width: 2 }, /plans 1 roots.*from 2 roots/],
    [{ roots: 5, leaves: 8, width: 2 }, /plans 5 roots.*to 4/],
    [{ roots: 3, leaves: 2, width: 2 }, /plans 2 leaves.*from 3/],
    [{ roots: 3, leaves: 9, width: 2 }, /plans 9 leaves.*to 8/],
    [{ roots: 3, leaves: 5, width: 0 }, /plans 0 width/],
  ])('that plans %j is refused', async (plan, message) => {
    await expect(rolloutTree(parts(table, { spending: rule(plan) }))).rejects.toThrow(message);
  });
});

describe('a budget of turns', () => {
  // Every response of these tables is at most 64 tokens; a turn reserves 64.
  const sampling = { maxTokens: 64 };

  it('ends paths that cannot pay for another turn, the last ones first, and those are truncated', async () => {
    // 5 steps for 2 paths: turns 0 and 1 of both, then turn 2 of path 0 only.
    const tree = await rolloutTree(
      parts({}, { roots: 2, maxTurns: 9, sampling, budget: strictTurns(8, 9999, 5) }),
    );
    expect(shape(tree).leaves).toEqual(['0.0.0 truncated', '1.0 truncated']);
    expect(tree.resources).toMatchObject({
      steps: { limit: 5, used: 5, reserved: 0, failed: 0, free: 0 },
    });
  });

  it('grants a fork only as many children as can take their next turn', async () => {
    // 4 steps, 1 root: turn 0 takes one; the path reserves its next; two are left for an asked width of 4.
    const tree = await rolloutTree(
      parts(
        { 0: 'explore a' },
        {
          roots: 1,
          maxTurns: 9,
          sampling,
          criterion: exploring(4),
          budget: strictTurns(8, 9999, 4),
        },
      ),
    );
    expect(shape(tree)).toEqual({
      turns: ['0:3', '0.0:1', '0.1:1', '0.2:1'],
      leaves: ['0.0 truncated', '0.1 truncated', '0.2 truncated'],
    });
  });

  it('gives back what a response did not need, so that more turns fit than the reserve says', async () => {
    // `<think>r</think><action>wait</action>` and its end are 38 tokens; 64 are reserved. 140 tokens: 64 fit at 140, 102, 64.
    const tree = await rolloutTree(
      parts({}, { roots: 1, maxTurns: 9, sampling, budget: strictTurns(8, 140, 99) }),
    );
    expect(turnIds(tree)).toEqual(['0', '0.0', '0.0.0']);
    expect(tree.resources?.tokens).toEqual({
      limit: 140,
      used: 114,
      reserved: 0,
      failed: 0,
      free: 26,
    });
  });

  it('charges a lost turn in full', async () => {
    const policy = { id: 'broken', generate: () => Promise.reject(new Error('gone')) };
    const tree = await rolloutTree(
      parts({}, { policy, roots: 2, retries: 0, sampling, budget: strictTurns(8, 200, 9) }),
    );
    expect(tree.resources).toMatchObject({
      tokens: { used: 0, failed: 128, free: 72 },
      steps: { used: 0, failed: 2, free: 7 },
    });
  });
});
