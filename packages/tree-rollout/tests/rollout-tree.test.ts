import {
  AbortedError,
  BudgetError,
  createdLeaves,
  InvalidInputError,
  PolicyError,
  type BranchingContext,
  type GenerationRequest,
  type PromptContext,
  type TextConstraint,
  type Tree,
  type TreeEvent,
} from '@spark-rl/core';
import { scriptedPolicy } from '@spark-rl/core/testing';

import {
  rolloutTree,
  type ConstrainedTurn,
  type RolloutEvent,
  type RolloutTreeOptions,
} from '../src/index.js';
import {
  brief,
  exploring,
  idle,
  parts,
  plainWorld,
  protocol,
  shape,
  strictLeaves,
} from './support.js';

describe('a small tree, derived by hand', () => {
  it('N 8, M 4, B 2: three forks leave created 7; then one request gets 2 children and the next gets 1', async () => {
    const tree = await rolloutTree(
      parts(
        {
          ...{ 0: 'explore a', 1: 'explore b', 2: 'explore c', 3: 'think d' },
          ...{ '0.0': 'explore e', '0.1': 'think win', '1.0': 'explore f', '3.0': 'explore g' },
        },
        { maxTurns: 3 },
      ),
    );
    // Turn 0: created 4 -> 5 -> 6 -> 7. Turn 1: 0.0 asks at created 7 and gets 2; 1.0 and 3.0 ask at 8 and get 1.
    expect(shape(tree)).toEqual({
      turns: [
        ...['0:2', '0.0:2', '0.0.0:1', '0.0.1:1', '0.1:1'],
        ...['1:2', '1.0:1', '1.0.0:1', '1.1:1', '1.1.0:1'],
        ...['2:2', '2.0:1', '2.0.0:1', '2.1:1', '2.1.0:1'],
        ...['3:1', '3.0:1', '3.0.0:1'],
      ],
      leaves: [
        ...['0.0.0 truncated', '0.0.1 truncated', '0.1 success', '1.0.0 truncated'],
        ...['1.1.0 truncated', '2.0.0 truncated', '2.1.0 truncated', '3.0.0 truncated'],
      ],
    });
    expect(tree.account).toEqual({ limit: 8, used: 8, reserved: 0, failed: 0, free: 0 });
    const asked = [...tree.turns.values()].filter(({ requestedWidth }) => requestedWidth > 1);
    expect(asked.map(({ id }) => id)).toEqual(['0', '0.0', '1', '1.0', '2', '3.0']);
  });

  it.each([
    [8, 4, 3, ['0:3', '1:3', '2:1', '3:1'], 'created 4, 6, 8: 3, 3, 1, 1'],
    [8, 4, 2, ['0:2', '1:2', '2:2', '3:2'], 'created 4, 5, 6, 7: all get 2'],
    [7, 4, 2, ['0:2', '1:2', '2:2', '3:1'], 'created 7 of 7: the last gets 1'],
    [8, 2, 5, ['0:5', '1:3'], 'created 2, then 6: min(5, 8 - 6 + 1) = 3'],
    [4, 4, 2, ['0:1', '1:1', '2:1', '3:1'], 'M = N: nothing is free'],
  ])('N %i, M %i, B %i, all ask at turn 0: %j', async (leaves, roots, width, turns) => {
    const table = Object.fromEntries(Array.from({ length: roots }, (_, i) => [i, 'explore a']));
    const tree = await rolloutTree(
      parts(table, {
        budget: strictLeaves(leaves),
        roots,
        criterion: exploring(width),
        maxTurns: 2,
      }),
    );
    expect(shape(tree).turns.filter((turn) => !turn.includes('.'))).toEqual(turns);
    expect(tree.leaves).toHaveLength(
      turns.map((turn) => Number(turn.split(':')[1])).reduce((sum, width_) => sum + width_, 0),
    );
  });

  it('executes an action once; the children diverge at the next turn, from the same next state', async () => {
    const environment = plainWorld();
    const table = { 0: 'explore a', '0.0': 'think win', '0.1': 'think lose' };
    const tree = await rolloutTree(parts(table, { environment, roots: 1 }));
    expect([...environment.steps].sort()).toEqual(['>a', '>a>lose', '>a>win']);
    expect(shape(tree).leaves).toEqual(['0.0 success', '0.1 failure']);
    const [root, left, right] = [...tree.turns.values()];
    expect(root!.next.observation).toBe('after a');
    expect([left!.observation, right!.observation]).toEqual(['after a', 'after a']);
    expect([left!.index, right!.index, left!.parent]).toEqual([1, 1, '0']);
    expect(tree.leaves.map(({ score }) => score)).toEqual([1, 0.25]);
  });

  it('never forks at a terminal turn, whatever ended it, nor asks the criterion there', async () => {
    const asked: string[] = [];
    const criterion = exploring();
    const tree = await rolloutTree(
      parts(
        { 0: 'explore win', 1: 'explore lose', 2: 'explore stop', 3: 'explore a' },
        {
          maxTurns: 2,
          criterion: {
            ...criterion,
            decide: (context) => {
              asked.push(context.turn.id);
              return criterion.decide(context);
            },
          },
        },
      ),
    );
    expect(shape(tree).turns).toEqual(['0:1', '1:1', '2:1', '3:2', '3.0:1', '3.1:1']);
    expect(shape(tree).leaves.slice(0, 3)).toEqual(['0 success', '1 failure', '2 truncated']);
    expect(asked).toEqual(['3']);
  });

  it('never forks at the last turn allowed', async () => {
    const tree = await rolloutTree(
      parts({ 0: 'think a', '0.0': 'explore a' }, { roots: 1, maxTurns: 2 }),
    );
    expect(shape(tree)).toEqual({ turns: ['0:1', '0.0:1'], leaves: ['0.0 truncated'] });
  });

  it('steps the environment with the empty action when the response is invalid', async () => {
    const environment = plainWorld();
    const policy = scriptedPolicy(() => 'no tags at all');
    const tree = await rolloutTree(parts({}, { environment, policy, roots: 1, maxTurns: 1 }));
    const [turn] = [...tree.turns.values()];
    expect(environment.steps).toEqual(['>']);
    expect(turn).toMatchObject({ action: '', response: { valid: false }, admissible: null });
    expect(shape(tree).leaves).toEqual(['0 truncated']);
  });

  it('ignores what a protocol calls the action of an invalid response', async () => {
    const environment = plainWorld();
    const careless = {
      ...protocol,
      parse: () => ({ valid: false, reason: 'x', mode: null, reasoning: '', action: 'win' }),
    };
    await rolloutTree(parts({}, { environment, protocol: careless, roots: 1, maxTurns: 1 }));
    expect(environment.steps).toEqual(['>']);
  });
});

const without = <T extends object, Key extends keyof T>(whole: T, ...keys: Key[]): Omit<T, Key> => {
  const copy = { ...whole };
  for (const key of keys) delete copy[key];
  return copy;
};

describe('by itself', () => {
  it('grows M chains with the plain counter and no criterion', async () => {
    const bare = without(parts({ 0: 'explore a' }), 'budget', 'criterion', 'arbiter');
    const tree = await rolloutTree({ ...bare, maxTurns: 2 });
    expect(shape(tree).leaves).toEqual(['0.0', '1.0', '2.0', '3.0'].map((id) => `${id} truncated`));
    expect(tree.account).toEqual({ limit: 4, used: 4, reserved: 0, failed: 0, free: 0 });
    expect(tree.settings).toEqual({
      profile: 'spark',
      leaves: 4,
      roots: 4,
      maxTurns: 2,
      temperature: 1,
      maxTokens: 512,
      forkAt: 'next-turn',
      poisonAfter: 3,
      budget: 'roots(4)',
      criterion: 'never',
      arbiter: 'seeded-order',
      policy: 'scripted',
      protocol: 'plain',
      seed: ['seed', 1],
    });
  });

  it('cannot fork with the plain counter even if a criterion asks', async () => {
    const bare = without(parts({ 0: 'explore a', 1: 'explore a' }), 'budget');
    const tree = await rolloutTree({ ...bare, roots: 2, maxTurns: 2 });
    expect(tree.leaves).toHaveLength(2);
    expect(tree.turns.values().next().value).toMatchObject({ requestedWidth: 2, grantedWidth: 1 });
  });
});

describe('what the parts are told', () => {
  it('the policy: the prompt, the key that names the turn, the tree, what the criterion wants', async () => {
    const requests: GenerationRequest[] = [];
    const policy = scriptedPolicy(({ request }) => {
      requests.push(request);
      return '<explore>r</explore><action>a</action>';
    });
    await rolloutTree(
      parts(
        {},
        {
          policy,
          roots: 1,
          budget: strictLeaves(2),
          maxTurns: 2,
          sampling: { temperature: 0.4, maxTokens: 64 },
          criterion: { ...exploring(), want: { entropies: true } },
        },
      ),
    );
    expect(requests.map(({ key }) => key)).toEqual(
      ['0', '0.0', '0.1'].map((node) => ['seed', 1, 'task', 't', 'node', node, 'response']),
    );
    for (const { affinity, sampling, want } of requests) {
      expect({ affinity, sampling, want }).toEqual({
        affinity: 't',
        sampling: { temperature: 0.4, maxTokens: 64 },
        want: { entropies: true },
      });
    }
  });

  it('the policy: what narrows its distribution, and the language of this turn; the tree records it', async () => {
    const language = (id: string): TextConstraint => ({
      id,
      start: 0,
      next: () => 0,
      accepts: () => true,
    });
    const requests: GenerationRequest[] = [];
    const policy = scriptedPolicy(({ request }) => {
      requests.push(request);
      return '<think>r</think><action>a</action>';
    });
    const environment = {
      ...plainWorld(),
      admissible: (state: string) => [`from ${state}`],
    };
    const narrow = { topK: 5, topP: 0.9, minP: 0.1, stop: ['</action>'], includeStop: true };
    const grown = (options: Partial<RolloutTreeOptions<string>>): Promise<Tree> =>
      rolloutTree(
        parts(
          {},
          { environment, policy, budget: strictLeaves(1), roots: 1, maxTurns: 2, ...options },
        ),
      );
    const tree = await grown({ sampling: { ...narrow, constraint: language('grammar') } });
    expect(tree.settings).toMatchObject({ ...narrow, constraint: 'grammar' });
    expect(requests.map(({ sampling }) => sampling.constraint?.id)).toEqual(['grammar', 'grammar']);
    expect(requests[0]!.sampling).toMatchObject(narrow);

    requests.length = 0;
    const told: ConstrainedTurn[] = [];
    const constrained = await grown({
      constrain: (turn) => {
        told.push(turn);
        return turn.index === 0 ? language(turn.admissible!.join()) : undefined;
      },
    });
    expect(requests.map(({ sampling }) => sampling.constraint?.id)).toEqual([
      told[0]!.admissible!.join(),
      undefined,
    ]);
    expect(told.map(({ index }) => index)).toEqual([0, 1]);
    expect(told[0]!.admissible).toEqual([expect.stringMatching(/^from /)]);
    expect(told[0]!.observation).toBe(constrained.observation);
    expect(constrained.settings).toMatchObject({ constraint: 'by turn' });
    expect(constrained.turns.get('0' as never)!.admissible).toBe(false);
  });

  it('the protocol: brief, instruction, the turns so far, the observation, and what is admissible when it asks', async () => {
    const contexts: PromptContext[] = [];
    const wanting = {
      ...protocol,
      wantsAdmissible: true,
      prompt: (context: PromptContext) => {
        contexts.push(context);
        return protocol.prompt(context);
      },
    };
    let asked = 0;
    const environment = {
      ...plainWorld(),
      admissible: () => {
        asked++;
        return ['a'];
      },
    };
    const tree = await rolloutTree(
      parts(
        { 0: 'explore a', '0.0': 'think b', '0.1': 'think a' },
        { environment, protocol: wanting, roots: 1, budget: strictLeaves(2), maxTurns: 2 },
      ),
    );
    expect(contexts).toHaveLength(3);
    expect(contexts[0]).toMatchObject({
      brief,
      instruction: 'Win.',
      past: [],
      observation: 'start',
    });
    expect(contexts[2]).toMatchObject({
      past: [{ observation: 'start', action: 'a' }],
      observation: 'after a',
      admissible: ['a'],
    });
    expect([...tree.turns.values()].map(({ admissible }) => admissible)).toEqual([
      true,
      false,
      true,
    ]);
    // Siblings share the state, so it was asked once for both.
    expect(asked).toBe(2);
  });

  it('nobody is asked what is admissible unless it is wanted; `recordAdmissible` wants it', async () => {
    let asked = 0;
    const environment = {
      ...plainWorld(),
      admissible: () => {
        asked++;
        return ['wait'];
      },
    };
    const contexts: PromptContext[] = [];
    const spying = {
      ...protocol,
      prompt: (context: PromptContext) => {
        contexts.push(context);
        return protocol.prompt(context);
      },
    };
    const options = parts({}, { environment, protocol: spying, roots: 1, maxTurns: 1 });
    await rolloutTree(options);
    expect(asked).toBe(0);
    const tree = await rolloutTree({ ...options, recordAdmissible: true });
    expect(asked).toBe(1);
    expect(tree.turns.values().next().value?.admissible).toBe(true);
    expect(contexts.map((context) => 'admissible' in context)).toEqual([false, false]);
  });

  it('the criterion: the turn, its path, and the account as it stood when the turn began', async () => {
    const contexts: BranchingContext[] = [];
    const criterion = {
      id: 'spy',
      maxWidth: 2,
      decide: (context: BranchingContext) => {
        contexts.push(context);
        return { width: 2 };
      },
    };
    await rolloutTree(
      parts(
        { 0: 'think a', 1: 'think win' },
        { criterion, roots: 2, budget: strictLeaves(4), maxTurns: 4 },
      ),
    );
    const seen = contexts.map(({ turn, path, turnIndex, account }) => [
      turn.id,
      path.map(({ id }) => id).join(' '),
      turnIndex,
      createdLeaves(account),
      account.used,
    ]);
    // Turn 0: 1 wins, 0 forks (created 3). Turn 1: 0.0 and 0.1 ask, one is granted (created 4). Then nothing is free.
    expect(seen.slice(0, 3)).toEqual([
      ['0', '0', 0, 2, 0],
      ['0.0', '0 0.0', 1, 3, 1],
      ['0.1', '0 0.1', 1, 3, 1],
    ]);
    for (const [, , , created, used] of seen.slice(3)) expect([created, used]).toEqual([4, 1]);
  });

  it('the arbiter: the requests of a turn in the order of their paths, with priorities', async () => {
    const calls: unknown[] = [];
    const tree = await rolloutTree(
      parts(
        {},
        {
          criterion: {
            id: 'urgent',
            maxWidth: 2,
            decide: ({ turn }) => ({ width: turn.id === '1' ? 1 : 2, priority: Number(turn.id) }),
          },
          arbiter: {
            id: 'by-priority',
            order: (requests) => {
              calls.push(requests);
              return [...requests].sort((a, b) => b.priority - a.priority).slice(0, 1);
            },
          },
          maxTurns: 2,
        },
      ),
    );
    expect(calls[0]).toEqual([
      { node: '0', width: 2, priority: 0 },
      { node: '2', width: 2, priority: 2 },
      { node: '3', width: 2, priority: 3 },
    ]);
    // It served the most urgent one only; the others were left out and go on alone.
    expect(shape(tree).turns.filter((turn) => !turn.includes('.'))).toEqual([
      '0:1',
      '1:1',
      '2:1',
      '3:2',
    ]);
  });
});

describe('time', () => {
  const gate = (): { open: () => void; opened: Promise<void> } => {
    let open = (): void => undefined;
    const opened = new Promise<void>((resolve) => (open = resolve));
    return { open, opened };
  };

  it('while slots are free, nobody starts turn t + 1 before all finished turn t', async () => {
    const slow = gate();
    const started: string[] = [];
    const policy = scriptedPolicy(async ({ request: { key } }) => {
      const node = String(key[key.indexOf('node') + 1]);
      started.push(node);
      if (node === '1') await slow.opened;
      return '<think>r</think><action>a</action>';
    });
    const growing = rolloutTree(parts({}, { policy, roots: 3, maxTurns: 2 }));
    await idle();
    expect(started).toEqual(['0', '1', '2']);
    slow.open();
    await growing;
    expect(started).toEqual(['0', '1', '2', '0.0', '1.0', '2.0']);
  });

  it.each([
    ['no slot is left', { budget: strictLeaves(2), roots: 2 }],
    ['the criterion can never ask', { criterion: exploring(1), roots: 2 }],
  ])('when %s, a path runs to its end beside one that waits', async (_, options) => {
    const slow = gate();
    const policy = scriptedPolicy(async ({ request: { key } }) => {
      if (key[key.indexOf('node') + 1] === '0') await slow.opened;
      return '<think>r</think><action>a</action>';
    });
    const onEvent = (event: RolloutEvent): void => {
      if (event.type === 'leaf' && event.leaf.id === '1.0.0') slow.open();
    };
    // Only the end of path 1 lets path 0 begin: with a barrier this would never finish.
    const tree = await rolloutTree(parts({}, { policy, maxTurns: 3, onEvent, ...options }));
    expect(tree.leaves.map(({ id }) => id)).toEqual(['0.0.0', '1.0.0']);
  });
});

describe('failures', () => {
  const failing = (times: number, error: unknown = new Error('no connection')) => {
    const keys: string[] = [];
    const policy = scriptedPolicy(({ request: { key } }) => {
      const node = String(key[key.indexOf('node') + 1]);
      if (node === '1') keys.push(key.slice(key.indexOf('response')).join(' '));
      if (node === '1' && keys.length <= times) throw error;
      return '<think>r</think><action>a</action>';
    });
    return { policy, keys };
  };

  it('are retried with the same key, so that what recovers leaves no trace', async () => {
    const { policy, keys } = failing(2);
    const retries: unknown[] = [];
    const onEvent = (event: RolloutEvent): void => {
      if (event.type === 'retry') retries.push([event.callee, event.node, event.retry]);
    };
    const tree = await rolloutTree(parts({}, { policy, maxTurns: 1, onEvent }));
    expect(keys).toEqual(['response', 'response', 'response']);
    expect(retries).toEqual([
      ['policy', '1', 1],
      ['policy', '1', 2],
    ]);
    expect(tree.account.failed).toBe(0);
  });

  it('after the last retry the leaf is failed and stays charged; the others go on', async () => {
    const { policy } = failing(3);
    const tree = await rolloutTree(parts({}, { policy, maxTurns: 2 }));
    expect(shape(tree).leaves).toEqual([
      '0.0 truncated',
      '1 failed',
      '2.0 truncated',
      '3.0 truncated',
    ]);
    expect(tree.leaves[1]).toEqual({
      id: '1',
      tail: null,
      outcome: 'failed',
      score: 0,
      error: 'policy: Error: no connection',
      lostTo: 'policy',
    });
    expect(tree.account).toEqual({ limit: 8, used: 3, reserved: 0, failed: 1, free: 4 });
  });

  it('that say they are not retryable are not retried', async () => {
    const { policy, keys } = failing(1, new PolicyError('the prompt is too long'));
    const tree = await rolloutTree(parts({}, { policy, maxTurns: 1 }));
    expect(keys).toEqual(['response']);
    expect(tree.leaves[1]!.error).toBe('policy: PolicyError: the prompt is too long');
  });

  it('of a step are retried, and lose the leaf with what it had: the last whole turn and its score', async () => {
    const world = plainWorld();
    let calls = 0;
    const environment = {
      ...world,
      step: (state: string, action: string) => {
        if (action === 'break' && ++calls < 10) throw new Error('crashed');
        return world.step(state, action);
      },
    };
    const options = parts(
      { '0.0': 'think break' },
      { environment, roots: 1, maxTurns: 3, retries: 1 },
    );
    const tree = await rolloutTree(options);
    expect(calls).toBe(2);
    expect(shape(tree).turns).toEqual(['0:1']);
    expect(tree.leaves).toEqual([
      {
        id: '0.0',
        tail: '0',
        outcome: 'failed',
        score: 0.25,
        error: 'environment: Error: crashed',
        lostTo: 'environment',
      },
    ]);
  });

  it('of the reset lose all leaves of the task, not the caller', async () => {
    const environment = {
      ...plainWorld(),
      reset: () => {
        throw new Error('no server');
      },
    };
    const events: TreeEvent[] = [];
    const journal = { append: (event: TreeEvent) => void events.push(event) };
    const tree = await rolloutTree(parts({}, { environment, journal, roots: 2 }));
    expect(shape(tree)).toEqual({ turns: [], leaves: ['0 failed', '1 failed'] });
    expect(tree.account).toEqual({ limit: 8, used: 0, reserved: 0, failed: 2, free: 6 });
    expect(tree.leaves[0]!.error).toBe('environment reset: Error: no server');
    expect(events.map(({ type }) => type)).toEqual(['tree', 'leaf', 'leaf', 'end']);
  });

  it('a task that is itself wrong is given up at once, and says why', async () => {
    const environment = {
      ...plainWorld(),
      reset: () => {
        throw new InvalidInputError('task data: there is no such game');
      },
    };
    const poisoned: unknown[] = [];
    const onEvent = (event: RolloutEvent): void => {
      if (event.type === 'poison' || event.type === 'retry') poisoned.push(event);
    };
    const tree = await rolloutTree(parts({}, { environment, onEvent }));
    expect(tree.leaves.map(({ lostTo }) => lostTo)).toEqual(Array(4).fill('task'));
    expect(tree.account).toMatchObject({ used: 0, failed: 4 });
    const reason = 'task data: there is no such game';
    expect(poisoned).toEqual([{ type: 'poison', tree: 't', task: 't', reason }]);
  });

  it.each([
    ['a score that is no number', { score: NaN }, /score is NaN/],
    ['an unknown status', { status: 'won' as never }, /status is "won"/],
    ['no observation', { observation: undefined as never }, /observation is undefined/],
  ])('%s from the environment loses the leaf and says so', async (_, wrong, message) => {
    const world = plainWorld();
    const environment = {
      ...world,
      step: async (state: string, action: string) => ({
        ...(await world.step(state, action)),
        ...wrong,
      }),
    };
    const tree = await rolloutTree(parts({}, { environment, roots: 1 }));
    expect(tree.leaves[0]).toMatchObject({
      outcome: 'failed',
      error: expect.stringMatching(message) as string,
    });
  });

  it.each([
    ['log-probabilities', { logProbs: new Float32Array(1) }, /8 tokens and 1 log-probabilities/],
    ['entropies', { entropies: new Float32Array(2) }, /8 tokens and 2 entropies/],
    ['kept mass', { logKept: new Float32Array(3) }, /8 tokens and 3 values of logKept/],
    ['text', { text: 5 as never }, /text is 5/],
    ['an end', { finish: 'aborted' as const }, /gave up the response/],
  ])('a generation with wrong %s loses the leaf and says so', async (_, wrong, message) => {
    const honest = scriptedPolicy(() => 'seven !');
    const policy = {
      id: 'wrong',
      generate: async (request: GenerationRequest) => ({
        ...(await honest.generate(request)),
        ...wrong,
      }),
    };
    const tree = await rolloutTree(parts({}, { policy, roots: 1 }));
    expect(tree.leaves[0]).toMatchObject({
      outcome: 'failed',
      error: expect.stringMatching(message) as string,
    });
  });

  it('of a criterion or an arbiter are bugs: the rollout rejects and names them', async () => {
    const wide = { id: 'wide', maxWidth: 2, decide: () => ({ width: 3 }) };
    await expect(rolloutTree(parts({}, { criterion: wide }))).rejects.toThrow(
      /criterion wide asked for 3 children at turn 0.*maxWidth, 2/,
    );
    const twice = { id: 'twice', order: <T>(requests: readonly T[]) => [...requests, ...requests] };
    const all = Object.fromEntries([0, 1, 2, 3].map((id) => [id, 'explore a']));
    await expect(rolloutTree(parts(all, { arbiter: twice }))).rejects.toThrow(
      /arbiter twice serves node 0, which did not ask or was served before/,
    );
  });
});

describe('the journal', () => {
  it('hears everything in order, and a turn before it counts', async () => {
    const log: string[] = [];
    const name = (event: TreeEvent): string =>
      event.type === 'turn'
        ? event.turn.id
        : event.type === 'leaf'
          ? `leaf ${event.leaf.id}`
          : event.type;
    const journal = {
      append: async (event: TreeEvent) => {
        log.push(`begin ${name(event)}`);
        await new Promise((resolve) => setImmediate(resolve));
        log.push(`end ${name(event)}`);
      },
    };
    const onEvent = (event: RolloutEvent): void => {
      if (event.type === 'turn') log.push(`counts ${event.turn.id}`);
    };
    await rolloutTree(parts({ 0: 'explore a' }, { journal, onEvent, roots: 1, maxTurns: 2 }));
    const noted = (id: string): string[] => [`begin ${id}`, `end ${id}`, `counts ${id}`];
    const ended = (id: string): string[] => [`begin leaf ${id}`, `end leaf ${id}`];
    expect(log).toEqual([
      ...['begin tree', 'end tree', ...noted('0')],
      ...[...noted('0.0'), ...ended('0.0'), ...noted('0.1'), ...ended('0.1')],
      ...['begin end', 'end end'],
    ]);
  });

  it('that cannot write stops the rollout', async () => {
    const journal = {
      append: (event: TreeEvent) => {
        if (event.type === 'turn') throw new Error('the disk is full');
      },
    };
    await expect(rolloutTree(parts({}, { journal }))).rejects.toThrow('the disk is full');
  });
});

describe('stopping', () => {
  const silent = (): { policy: RolloutTreeOptions<string>['policy']; asked: Promise<void> } => {
    let told = (): void => undefined;
    const asked = new Promise<void>((resolve) => (told = resolve));
    const policy = scriptedPolicy(() => {
      told();
      return new Promise<string>(() => undefined);
    });
    return { policy, asked };
  };

  it('before the start does nothing', async () => {
    const environment = plainWorld();
    const signal = AbortSignal.abort();
    await expect(rolloutTree(parts({}, { environment, signal }))).rejects.toThrow(AbortedError);
    expect(environment.steps).toEqual([]);
  });

  it('does not wait for a policy that never answers, and nothing is written afterwards', async () => {
    const { policy, asked } = silent();
    const events: string[] = [];
    const controller = new AbortController();
    const growing = rolloutTree(
      parts(
        {},
        {
          policy,
          signal: controller.signal,
          journal: { append: ({ type }) => void events.push(type) },
        },
      ),
    );
    await asked;
    controller.abort(new Error('Ctrl-C'));
    await expect(growing).rejects.toThrow(AbortedError);
    expect(events).toEqual(['tree']);
  });

  it('in the middle lets what is in flight come to nothing', async () => {
    const controller = new AbortController();
    const events: string[] = [];
    const world = plainWorld();
    const released: string[] = [];
    const environment = {
      ...world,
      step: async (state: string, action: string) => {
        controller.abort();
        await new Promise((resolve) => setImmediate(resolve));
        return world.step(state, action);
      },
      release: (state: string) => void released.push(state),
    };
    const growing = rolloutTree(
      parts(
        {},
        {
          environment,
          roots: 1,
          signal: controller.signal,
          journal: { append: ({ type }) => void events.push(type) },
        },
      ),
    );
    await expect(growing).rejects.toThrow(AbortedError);
    await idle();
    expect(events).toEqual(['tree']);
    expect(released).toEqual(expect.arrayContaining(['', '>wait']));
  });

  it('releases the states of answers that it refuses', async () => {
    const world = plainWorld();
    const held = new Map<string, number>();
    const hold = (state: string, change: number): void =>
      void held.set(state, (held.get(state) ?? 0) + change);
    const release = (state: string): void => hold(state, -1);
    const start = async () => {
      const first = await world.reset(parts({}).task);
      hold(first.state, 1);
      return first;
    };
    const unscored = {
      ...world,
      reset: start,
      step: async (state: string, action: string) => {
        const next = { ...(await world.step(state, action)), score: NaN };
        hold(next.state, 1);
        return next;
      },
      release,
    };
    await rolloutTree(parts({}, { environment: unscored, roots: 1 }));
    const ended = {
      ...world,
      reset: async () => ({ ...(await start()), status: 'success' as const }),
      release,
    };
    await rolloutTree(parts({}, { environment: ended, roots: 1 }));
    expect(held.size).toBeGreaterThan(1);
    expect([...held.values()].every((count) => count === 0)).toBe(true);
  });

  it('a policy that says it was stopped stops everything and is not retried', async () => {
    let calls = 0;
    const policy = scriptedPolicy(() => {
      calls++;
      throw new AbortedError();
    });
    await expect(rolloutTree(parts({}, { policy, roots: 1 }))).rejects.toThrow(AbortedError);
    expect(calls).toBe(1);
  });
});

describe('wrong options', () => {
  it.each<[string, object, RegExp]>([
    ['no roots', { roots: 0 }, /^options of rolloutTree: roots: .*found 0/],
    ['no turns', { maxTurns: 0 }, /maxTurns/],
    ['a temperature of 3', { sampling: { temperature: 3 } }, /sampling\.temperature.*found 3/],
    ['no share of the mass', { sampling: { topP: 0 } }, /sampling\.topP.*found 0/],
    ['a constraint in words', { sampling: { constraint: 'yes' } }, /sampling\.constraint.*next/],
    ['a misspelt option', { maxTurn: 5 }, /maxTurn/],
    ['an unknown profile', { profile: 'fast' }, /profile.*"fast"/],
    ['no environment', { environment: {} }, /environment: expected an environment/],
    ['no policy', { policy: undefined }, /policy: expected a policy/],
    ['a seed that is a number', { seed: 7 }, /seed/],
  ])('%s is refused', async (_, wrong, message) => {
    const options = { ...parts({}), ...wrong } as RolloutTreeOptions<string>;
    await expect(rolloutTree(options)).rejects.toThrow(InvalidInputError);
    await expect(rolloutTree(options)).rejects.toThrow(message);
  });

  it('more roots than leaves is refused before anything runs', async () => {
    const events: string[] = [];
    const journal = { append: ({ type }: TreeEvent) => void events.push(type) };
    await expect(rolloutTree(parts({}, { roots: 9, journal }))).rejects.toThrow(BudgetError);
    expect(events).toEqual([]);
  });
});
