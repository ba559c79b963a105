import { AbortedError, InvalidInputError, treeId, treeToJson, type Tree } from '@spark-rl/core';
import { scriptedPolicy } from '@spark-rl/core/testing';

import { rolloutTree, rolloutTrees, type RolloutTreesOptions } from '../src/index.js';
import {
  brief,
  exploring,
  idle,
  plainWorld,
  protocol,
  randomPolicy,
  randomWorld,
  shuffledClock,
  strictLeaves,
  tablePolicy,
  task,
  type Chances,
  type RandomState,
} from './support.js';

const chances: Chances = { seed: 3, end: 0.1, explore: 0.4, invalid: 0.1, fail: 0.05 };

const options = (count: number, wait?: () => Promise<void>): RolloutTreesOptions<RandomState> => ({
  environment: randomWorld(chances, wait),
  policy: randomPolicy(chances, wait),
  protocol,
  brief,
  budget: strictLeaves(6),
  criterion: exploring(),
  roots: 3,
  maxTurns: 6,
  trees: Array.from({ length: count }, (_, i) => ({ task: task(`t${i}`), seed: ['s', 1] })),
});

const texts = (trees: readonly Tree[]): string[] =>
  trees.map((tree) => JSON.stringify(treeToJson(tree)));

describe('rolloutTrees', () => {
  it('gives the trees in the order asked, each as rolloutTree gives it, whatever concurrency and timing', async () => {
    const { trees: requests, ...rest } = options(6);
    const expected: Tree[] = [];
    for (const request of requests) expected.push(await rolloutTree({ ...rest, ...request }));
    expect(expected.map(({ task: { id } }) => id)).toEqual(['t0', 't1', 't2', 't3', 't4', 't5']);
    for (const [timing, concurrency] of [1, 2, 4, 100].entries()) {
      const grown = await rolloutTrees({ ...options(6, shuffledClock(timing)), concurrency });
      expect(texts(grown)).toEqual(texts(expected));
    }
    expect(texts(await rolloutTrees(options(6)))).toEqual(texts(expected));
  });

  it('gives nothing for no trees', async () => {
    expect(await rolloutTrees(options(0))).toEqual([]);
  });

  it('does not let one task wait for another', async () => {
    let open = (): void => undefined;
    const other = new Promise<void>((resolve) => (open = resolve));
    const policy = scriptedPolicy(async ({ request: { key } }) => {
      if (key.includes('t0')) await other;
      return '<think>r</think><action>a</action>';
    });
    // Only the finished tree of t1 lets t0 take its first turn.
    const grown = await rolloutTrees({
      ...options(2),
      policy,
      onEvent: ({ type, tree }) => (type === 'tree' && tree === 't1' ? open() : undefined),
    });
    expect(grown).toHaveLength(2);
  });

  const mostAtOnce = async (
    change: Partial<RolloutTreesOptions<RandomState>>,
    maxLiveStates?: number,
  ): Promise<number> => {
    const clock = shuffledClock(1);
    const base = options(9, clock);
    let now = 0;
    let most = 0;
    const environment: typeof base.environment = {
      ...base.environment,
      ...(maxLiveStates !== undefined && { maxLiveStates }),
      reset: (wanted) => {
        most = Math.max(most, ++now);
        return base.environment.reset(wanted);
      },
    };
    await rolloutTrees({
      ...base,
      environment,
      onEvent: ({ type }) => void (now -= type === 'tree' ? 1 : 0),
      ...change,
    });
    return most;
  };

  it('grows all at once by default, and as many as `concurrency` says', async () => {
    expect(await mostAtOnce({})).toBe(9);
    expect(await mostAtOnce({ concurrency: 2 })).toBe(2);
  });

  it('admits only as many trees of N leaves as the environment can hold states of, and always one', async () => {
    expect(await mostAtOnce({}, 20)).toBe(3);
    expect(await mostAtOnce({}, 6)).toBe(1);
    expect(await mostAtOnce({}, 2)).toBe(1);
    expect(await mostAtOnce({ concurrency: 2 }, 20)).toBe(2);
  });

  it('a task that cannot be reset does not take the others with it', async () => {
    const base = options(3);
    const environment: typeof base.environment = {
      ...base.environment,
      reset: (wanted) => {
        if (wanted.id === 't1') throw new Error('gone');
        return base.environment.reset(wanted);
      },
    };
    const grown = await rolloutTrees({ ...base, environment });
    expect(grown.map(({ turns }) => turns.size > 0)).toEqual([true, false, true]);
    expect(grown[1]!.account).toMatchObject({ used: 0, failed: 3 });
  });

  it('grows one task twice under two names and two seeds', async () => {
    const base = options(0);
    const trees = [1, 2].map((i) => ({ task: task(), treeId: treeId(`tree ${i}`), seed: [i] }));
    const grown = await rolloutTrees({ ...base, trees });
    expect(grown.map(({ id }) => id)).toEqual(['tree 1', 'tree 2']);
    const [first, second] = texts(
      grown.map((tree) => ({ ...tree, id: treeId('x'), settings: {} })),
    );
    expect(first).not.toBe(second);
  });

  it('refuses two trees of one name, and options that are wrong', async () => {
    const trees = [
      { task: task('same'), seed: [1] },
      { task: task('same'), seed: [2] },
    ];
    await expect(rolloutTrees({ ...options(0), trees })).rejects.toThrow(
      /two trees are named same/,
    );
    await expect(rolloutTrees({ ...options(1), concurrency: 0 })).rejects.toThrow(
      InvalidInputError,
    );
    await expect(rolloutTrees({ ...options(1), concurrency: 0 })).rejects.toThrow(/concurrency/);
  });

  it('stops all trees when it is stopped', async () => {
    const controller = new AbortController();
    let turns = 0;
    const growing = rolloutTrees({
      ...options(5, shuffledClock(2)),
      signal: controller.signal,
      onEvent: ({ type }) => (type === 'turn' && ++turns === 7 ? controller.abort() : undefined),
    });
    await expect(growing).rejects.toThrow(AbortedError);
    await idle();
    expect(turns).toBe(7);
  });

  it('stops all trees when a part of the method breaks', async () => {
    let turns = 0;
    let broke = false;
    const criterion = {
      id: 'broken',
      maxWidth: 2,
      decide: () => {
        if (turns >= 5 && !broke) {
          broke = true;
          throw new Error('a bug');
        }
        return { width: 1 };
      },
    };
    const growing = rolloutTrees({
      ...options(4, shuffledClock(3)),
      criterion,
      onEvent: ({ type }) => void (turns += type === 'turn' ? 1 : 0),
    });
    await expect(growing).rejects.toThrow('a bug');
    const then = turns;
    await idle();
    expect(turns).toBe(then);
  });

  it('works with a synchronous world that tells nothing beside what it must', async () => {
    const [tree] = await rolloutTrees({
      environment: plainWorld(),
      policy: tablePolicy({ 0: 'think win' }),
      protocol,
      brief,
      trees: [{ task: task(), seed: [] }],
      roots: 1,
    });
    expect(tree!.leaves.map(({ outcome }) => outcome)).toEqual(['success']);
  });
});
