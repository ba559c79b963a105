import {
  childrenOf,
  completedLeaves,
  treeFromJson,
  treeToJson,
  type Expansion,
  type JsonValue,
  type SpendingRule,
  type Tree,
  type TreeEvent,
} from '@spark-rl/core';
import fc from 'fast-check';

import { rolloutTree, type RolloutEvent, type RolloutTreeOptions } from '../src/index.js';
import {
  brief,
  exploring,
  protocol,
  randomPolicy,
  randomWorld,
  shuffledClock,
  strictLeaves,
  strictTurns,
  task,
  type Chances,
  type RandomState,
} from './support.js';

const MAX_TOKENS = 64;

interface Setup {
  readonly chances: Chances;
  readonly leaves: number;
  readonly roots: number;
  readonly maxTurns: number;
  readonly width: number;
  readonly forkAt: 'next-turn' | 'same-turn';
  readonly profile: 'spark' | 'reference-code';
  readonly expands: boolean;
  readonly spends: boolean;
  /** How many full turns the budget of tokens and of steps would pay for; null for leaves alone. */
  readonly turns: { readonly tokens: number; readonly steps: number } | null;
}

const of = <const Value>(...values: readonly Value[]): fc.Arbitrary<Value> =>
  fc.constantFrom(...values);

const setups: fc.Arbitrary<Setup> = fc
  .record({
    chances: fc.record({
      seed: fc.nat(1_000_000),
      end: of(0, 0.1, 0.3),
      explore: of(0, 0.3, 0.7, 1),
      invalid: of(0, 0.2),
      fail: of(0, 0, 0.1, 0.4),
    }),
    leaves: fc.integer({ min: 1, max: 12 }),
    roots: fc.integer({ min: 1, max: 5 }),
    maxTurns: fc.integer({ min: 1, max: 6 }),
    width: fc.integer({ min: 1, max: 4 }),
    forkAt: of('next-turn', 'same-turn'),
    profile: of('spark', 'spark', 'reference-code'),
    expands: fc.boolean(),
    spends: fc.boolean(),
    turns: fc.option(
      fc.record({
        tokens: fc.integer({ min: 1, max: 40 }),
        steps: fc.integer({ min: 1, max: 40 }),
      }),
    ),
  })
  .map((setup) => {
    const { turns } = setup;
    const roots = Math.min(setup.roots, setup.leaves, turns?.tokens ?? 9, turns?.steps ?? 9);
    return { ...setup, roots };
  });

/** Two rounds of up to three random nodes, the initial state among them. */
const randomExpansion: Expansion = {
  id: 'random',
  rounds: 2,
  choose: ({ expandable, random }) =>
    Array.from({ length: random.integer(4) }, () => ({
      node: random.pick([null, ...expandable]),
      children: 1 + random.integer(2),
    })),
};

/** One probe; the words of its first turn say how much the task may spend. */
const randomSpending = ({ roots, leaves, width }: Setup): SpendingRule => ({
  id: 'random',
  probes: 1,
  plan: (turns) => {
    const draw = turns.reduce((sum, { generation }) => sum + generation.responseTokens.length, 0);
    const planned = 1 + (draw % roots);
    return {
      roots: planned,
      leaves: planned + (draw % (leaves - planned + 1)),
      width: 1 + (draw % width),
    };
  },
});

const optionsOf = (setup: Setup, wait?: () => Promise<void>): RolloutTreeOptions<RandomState> => {
  const { chances, leaves, roots, maxTurns, width, forkAt, profile, turns } = setup;
  return {
    environment: randomWorld(chances, wait),
    policy: randomPolicy(chances, wait),
    protocol,
    brief,
    task: task(),
    seed: ['seed', chances.seed],
    budget:
      turns === null
        ? strictLeaves(leaves)
        : strictTurns(leaves, turns.tokens * MAX_TOKENS, turns.steps),
    criterion: exploring(width),
    roots,
    maxTurns,
    forkAt,
    profile,
    sampling: { maxTokens: MAX_TOKENS },
    retries: 1,
    ...(setup.expands && { expansion: randomExpansion }),
    ...(setup.spends && { spending: randomSpending(setup) }),
  };
};

const text = (tree: Tree): string => JSON.stringify(treeToJson(tree));

/** All that is promised of the form of a tree, whatever grew it. */
function checkForm(tree: Tree, setup: Setup): void {
  const turns = [...tree.turns.values()];
  const own = tree.leaves.filter(({ copy }) => copy === undefined);
  const charged = tree.leaves.filter(({ copy }) => copy?.reason !== 'padding');
  const failed = charged.filter(({ outcome }) => outcome === 'failed').length;
  const { account } = tree;
  expect(account.limit).toBeLessThanOrEqual(setup.leaves);
  expect(account).toMatchObject({ used: charged.length - failed, reserved: 0, failed });
  expect(account.used + account.failed + account.free).toBe(account.limit);
  expect(charged.length).toBeLessThanOrEqual(account.limit);

  // No two paths end alike; copies say what they copy.
  expect(new Set(tree.leaves.map(({ id }) => id)).size).toBe(tree.leaves.length);
  for (const { id, tail, outcome } of own) {
    if (outcome === 'failed') expect(id.startsWith(tail ?? '')).toBe(true);
    else expect(tail).toBe(id);
  }
  if (setup.profile === 'spark') expect(own).toHaveLength(tree.leaves.length);
  else if (own.some(({ outcome }) => outcome !== 'failed'))
    expect(completedLeaves(tree)).toHaveLength(account.limit);

  const ends = new Set<string>(own.map(({ id }) => id));
  for (const turn of turns) {
    const open = turn.next.status === 'running' && turn.index + 1 < setup.maxTurns;
    if (!open && setup.profile === 'spark') expect(turn.grantedWidth).toBe(1);
    // A turn has children, or they were lost, or it ends its path; only an expansion may go on from where a budget ended it.
    const followed =
      childrenOf(tree, turn).length > 0 ||
      own.some(({ id, outcome }) => outcome === 'failed' && id.startsWith(`${turn.id}.`));
    const ended = ends.has(turn.id);
    if (!ended) expect(followed).toBe(true);
    else if (!setup.expands || !open) expect(followed).toBe(false);
    if (setup.forkAt === 'next-turn' && open && !setup.expands && !ended) {
      const direct = own.filter(({ tail, outcome }) => outcome === 'failed' && tail === turn.id);
      expect(childrenOf(tree, turn).length + direct.length).toBe(turn.grantedWidth);
    }
  }

  const { tokens, steps } = tree.resources ?? {};
  expect(tokens === undefined).toBe(setup.turns === null);
  for (const each of [tokens, steps]) {
    if (each === undefined) continue;
    expect(each.reserved).toBe(0);
    expect(each.used + each.failed + each.free).toBe(each.limit);
    expect(Math.min(each.used, each.failed, each.free)).toBeGreaterThanOrEqual(0);
  }
  const sampled = turns.reduce((sum, { generation }) => sum + generation.responseTokens.length, 0);
  if (tokens !== undefined) expect([tokens.used, steps?.used]).toEqual([sampled, turns.length]);
}

describe('any tree, however it grows', () => {
  it('keeps its promises, and so does its JSON', async () => {
    const seen = { forks: 0, failed: 0, copies: 0, expanded: 0, cutShort: 0 };
    await fc.assert(
      fc.asyncProperty(setups, async (setup) => {
        const onEvent = (event: RolloutEvent): void => {
          if (event.type === 'expand') seen.expanded++;
          if (!('account' in event)) return;
          const { limit, used, reserved, failed, free } = event.account;
          expect(used + reserved + failed + free).toBe(limit);
          expect(Math.min(used, reserved, failed, free)).toBeGreaterThanOrEqual(0);
        };
        const tree = await rolloutTree({ ...optionsOf(setup), onEvent });
        checkForm(tree, setup);
        const json = text(tree);
        expect(text(treeFromJson(JSON.parse(json), 'tree'))).toBe(json);
        for (const { id, outcome, copy } of tree.leaves) {
          if (copy !== undefined) seen.copies++;
          if (outcome === 'failed') seen.failed++;
          if (outcome === 'truncated' && id.split('.').length < setup.maxTurns) seen.cutShort++;
        }
        seen.forks += [...tree.turns.values()].filter(
          ({ grantedWidth }) => grantedWidth > 1,
        ).length;
      }),
      { numRuns: 1000 },
    );
    // The trees were worth looking at.
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(100);
  });

  it('is the same, byte for byte, under twelve timings of all calls', async () => {
    await fc.assert(
      fc.asyncProperty(setups, async (setup) => {
        const expected = text(await rolloutTree(optionsOf(setup)));
        for (let timing = 0; timing < 12; timing++) {
          const clock = shuffledClock(timing);
          const tree = await rolloutTree({
            ...optionsOf(setup, clock),
            journal: { append: clock },
            inFlight: timing % 2 === 0 ? {} : { policy: 1 + timing, environment: 2 },
          });
          expect(text(tree)).toBe(expected);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('is the same when it is taken up from what was journalled before an interruption', async () => {
    let replayed = 0;
    await fc.assert(
      fc.asyncProperty(
        setups,
        fc.integer({ min: 0, max: 100 }),
        fc.nat(999),
        async (setup, share, timing) => {
          const events: TreeEvent[] = [];
          const keep = { append: (event: TreeEvent) => void events.push(event) };
          const whole = await rolloutTree({
            ...optionsOf(setup, shuffledClock(timing)),
            journal: keep,
          });
          const before = events.slice(0, Math.round((share / 100) * events.length));
          const after: TreeEvent[] = [];
          const options = optionsOf(setup, shuffledClock(timing + 1));
          const asked: string[] = [];
          const tree = await rolloutTree({
            ...options,
            policy: {
              id: options.policy.id,
              generate: (request) => {
                asked.push(String(request.key[request.key.indexOf('node') + 1]));
                return options.policy.generate(request);
              },
            },
            journal: { recorded: () => before, append: (event) => void after.push(event) },
          });
          expect(text(tree)).toBe(text(whole));
          // Nothing is written twice, nothing is asked twice, nothing is missing.
          const names = (list: readonly TreeEvent[]): string[] =>
            list.map((event) => JSON.stringify(event)).sort();
          expect(names([...before, ...after])).toEqual(names(events));
          const known = new Set(
            before.flatMap((event) => (event.type === 'turn' ? [event.turn.id as string] : [])),
          );
          expect(asked.filter((node) => known.has(node))).toEqual([]);
          replayed += known.size;
        },
      ),
      { numRuns: 300 },
    );
    expect(replayed).toBeGreaterThan(500);
  });

  it('does not show what recovered', async () => {
    await fc.assert(
      fc.asyncProperty(setups, fc.nat(999), async (setup, timing) => {
        const smooth = { ...setup, chances: { ...setup.chances, fail: 0 } };
        const expected = text(await rolloutTree(optionsOf(smooth)));
        const options = optionsOf(smooth, shuffledClock(timing));
        let calls = 0;
        const shaky =
          <Args extends unknown[], Result>(call: (...args: Args) => Result) =>
          (...args: Args): Result => {
            if (++calls % 3 === 0) throw new Error('the line is bad');
            return call(...args);
          };
        const { environment, policy } = options;
        const tree = await rolloutTree({
          ...options,
          // A failed call is made again at once, but others may come between: at most every third fails.
          retries: 50,
          environment: {
            ...environment,
            reset: shaky(environment.reset),
            step: shaky(environment.step),
          },
          policy: { ...policy, generate: shaky(policy.generate) },
        });
        expect(text(tree)).toBe(expected);
      }),
      { numRuns: 60 },
    );
  });
});

describe('a world that holds live states', () => {
  it('is told of every state exactly once that it will not be stepped again, and not before', async () => {
    await fc.assert(
      fc.asyncProperty(setups, fc.nat(999), async (setup, timing) => {
        const options = optionsOf(setup, shuffledClock(timing));
        const { environment } = options;
        const live = new Set<RandomState>();
        const bugs: string[] = [];
        const tree = await rolloutTree({
          ...options,
          environment: {
            ...environment,
            reset: async (wanted) => {
              const start = await environment.reset(wanted);
              live.add(start.state);
              return start;
            },
            step: async (state, action) => {
              if (!live.has(state)) bugs.push('a released state was stepped');
              const next = await environment.step(state, action);
              if (!live.has(state)) bugs.push('a state was released while it was stepped');
              live.add(next.state);
              return next;
            },
            release: (state) => {
              if (!live.delete(state)) bugs.push('a state was released twice');
            },
          },
        });
        expect(bugs).toEqual([]);
        expect(live.size).toBe(0);
        expect(text(tree)).toBe(text(await rolloutTree(optionsOf(setup))));
      }),
      { numRuns: 150 },
    );
  });
});

describe('a record that does not fit', () => {
  const setup: Setup = {
    chances: { seed: 3, end: 0.1, explore: 0.5, invalid: 0, fail: 0 },
    leaves: 6,
    roots: 3,
    maxTurns: 4,
    width: 2,
    forkAt: 'next-turn',
    profile: 'spark',
    expands: false,
    spends: false,
    turns: null,
  };
  const record = async (): Promise<TreeEvent[]> => {
    const events: TreeEvent[] = [];
    await rolloutTree({
      ...optionsOf(setup),
      journal: { append: (event) => void events.push(event) },
    });
    return events;
  };
  const resume = (events: readonly TreeEvent[], change: object = {}): Promise<Tree> =>
    rolloutTree({
      ...optionsOf(setup),
      journal: { recorded: () => events, append: () => undefined },
      ...change,
    });

  it('is refused when other settings grew it, also when it is finished', async () => {
    const events = await record();
    for (const some of [events, events.slice(0, 3)]) {
      await expect(resume(some, { maxTurns: 5 })).rejects.toThrow(/begun with maxTurns 4, not 5/);
      await expect(resume(some, { seed: ['other'] })).rejects.toThrow(/begun with seed/);
      await expect(
        resume(some, { task: { ...task('other'), id: 'x' }, treeId: 't' }),
      ).rejects.toThrow(/begun for task t/);
    }
  });

  it('is refused when the world answers otherwise, and names the turn', async () => {
    const events = (await record()).slice(0, 5);
    const environment = randomWorld(setup.chances);
    const changed = {
      ...environment,
      step: async (state: RandomState, action: string) => ({
        ...(await environment.step(state, action)),
        observation: 'another world',
      }),
    };
    await expect(resume(events, { environment: changed })).rejects.toThrow(
      /tree t: turn 0 went otherwise \(observed .* "another world" instead of "at 1"\)/,
    );
    const restarted = {
      ...environment,
      reset: async () => ({ ...(await environment.reset(task())), observation: 'elsewhere' }),
    };
    await expect(resume(events, { environment: restarted })).rejects.toThrow(
      /its start went otherwise/,
    );
  });

  it('of a task that could not be reset ends as it would have, also when it can be reset now', async () => {
    const environment = {
      ...randomWorld(setup.chances),
      reset: () => Promise.reject(new Error('no such game')),
    };
    const events: TreeEvent[] = [];
    const whole = await rolloutTree({
      ...optionsOf(setup),
      environment,
      journal: { append: (event) => void events.push(event) },
    });
    expect(whole.lost).toMatch('no such game');
    for (let kept = 1; kept < events.length; kept++)
      expect(text(await resume(events.slice(0, kept)))).toBe(text(whole));
  });

  it('is refused when its beginning is missing', async () => {
    const events = await record();
    await expect(resume(events.slice(1))).rejects.toThrow(/its record begins with a turn event/);
  });

  it('of a finished tree is the tree: nothing is asked', async () => {
    const events = await record();
    const never = (): never => {
      throw new Error('asked');
    };
    const tree = await resume(events, {
      environment: { ...randomWorld(setup.chances), reset: never, step: never },
      policy: { id: 'scripted', generate: never },
    });
    const whole: JsonValue = treeToJson(await rolloutTree(optionsOf(setup)));
    expect(treeToJson(tree)).toEqual(whole);
  });
});
