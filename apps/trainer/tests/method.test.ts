import { calibrate, surprisalSignal } from '@spark-rl/branching-criteria';
import { completedLeaves, taskId, treeId, type Tree } from '@spark-rl/core';
import { corridor, plainProtocol, scriptedPolicy } from '@spark-rl/core/testing';
import { rolloutTrees, summarizeTrees, treeStatistics } from '@spark-rl/tree-rollout';
import fc from 'fast-check';

import { configureFrom, presetNamed } from '../src/config/presets.js';
import { CRITERIA, METHODS } from '../src/config/rollout-schema.js';
import { calibratedSignal, rolloutMethod, type MethodConfig } from '../src/pipeline/method.js';

const configured = (...settings: string[]): MethodConfig =>
  configureFrom(
    presetNamed('smoke'),
    settings.map((each) => `rollout.${each}`),
  );

const grow = (config: MethodConfig, { explore = 0, seed = 1 } = {}): Promise<readonly Tree[]> => {
  const { treesPerTask, growth } = rolloutMethod(config);
  const task = {
    id: taskId('a'),
    environment: 'corridor',
    split: 'train',
    data: { start: 3, goal: 6 },
  };
  return rolloutTrees({
    environment: corridor({ length: 6, maxSteps: 50 }),
    // Nobody ever arrives: the shape is the method's alone.
    policy: scriptedPolicy(({ random }) => {
      const mode = random.uniform() < explore ? 'explore' : 'think';
      return `<${mode}>r</${mode}><action>wait</action>`;
    }),
    protocol: plainProtocol(),
    brief: { world: 'A corridor.', actions: [] },
    ...growth,
    maxTurns: 6,
    trees: Array.from({ length: treesPerTask }, (_, i) => ({
      task,
      treeId: treeId(`a-${i}`),
      seed: ['method', seed, i],
    })),
  });
};

/** How many turns stand at each turn index. */
const widths = async (...settings: string[]): Promise<readonly (readonly number[])[]> =>
  (await grow(configured(...settings))).map((tree) => treeStatistics(tree).turnsByIndex);

describe('rolloutMethod', () => {
  it('chain: N separate episodes, nothing forks, whatever M, B and the criterion are', async () => {
    const trees = await grow(configured('method=chain', 'criterion=always', 'width=3'), {
      explore: 1,
    });
    expect(trees).toHaveLength(1);
    expect(treeStatistics(trees[0]!)).toMatchObject({
      turnsByIndex: [8, 8, 8, 8, 8, 8],
      forks: 0,
      leaves: 8,
      leavesPerRoot: [1, 1, 1, 1, 1, 1, 1, 1],
    });
  });

  it('fixed-tree: as many responses to each state as the schedule says, turn by turn', async () => {
    expect(await widths('method=fixed-tree')).toEqual([[2, 4, 8, 8, 8, 8]]);
    expect(await widths('method=fixed-tree', 'leaves=12', 'schedule=[2,3,1,2]')).toEqual([
      [2, 6, 6, 12, 12, 12],
    ]);
    expect(await widths('method=fixed-tree', 'leaves=6', 'schedule=[1,1,6]')).toEqual([
      [1, 1, 6, 6, 6, 6],
    ]);
  });

  it('uniform-tree: every turn forks until the budget is full, or a path has its forks', async () => {
    expect(await widths('method=uniform-tree', 'roots=1')).toEqual([[1, 2, 4, 8, 8, 8]]);
    expect(await widths('method=uniform-tree', 'roots=1', 'leaves=7')).toEqual([
      [1, 2, 4, 7, 7, 7],
    ]);
    expect(await widths('method=uniform-tree', 'roots=1', 'forksPerPath=2')).toEqual([
      [1, 2, 4, 4, 4, 4],
    ]);
    expect(await widths('method=uniform-tree', 'roots=2', 'width=3', 'forksPerPath=1')).toEqual([
      [2, 6, 6, 6, 6, 6],
    ]);
  });

  it('tree-grpo: M trees of exactly N / M leaves, grown on from random nodes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 3 }),
        fc.nat(1000),
        async (trees, perTree, rounds, seed) => {
          fc.pre(trees * perTree >= 2);
          const config = configured(
            'method=tree-grpo',
            `leaves=${trees * perTree}`,
            `roots=${trees}`,
            `expansionRounds=${rounds}`,
          );
          const grown = await grow(config, { seed });
          expect(grown).toHaveLength(trees);
          for (const tree of grown) {
            expect(completedLeaves(tree)).toHaveLength(perTree);
            expect(tree.account).toMatchObject({ limit: perTree, free: 0 });
          }
        },
      ),
      { numRuns: 60 },
    );
    // From random nodes: over many seeds both the initial state and later turns are chosen.
    const shapes = await Promise.all(
      Array.from({ length: 20 }, (_, seed) => grow(configured('method=tree-grpo'), { seed })),
    );
    const { forksByIndex, roots, trees } = summarizeTrees(shapes.flat());
    expect(roots).toBeGreaterThan(trees);
    expect(forksByIndex.slice(0, 5).every((forks) => forks > 0)).toBe(true);
    expect(forksByIndex[5]).toBe(0);
  });

  it('random: forks with its probability, whatever the agent says', async () => {
    expect(await widths('method=random', 'probability=1', 'roots=2')).toEqual([[2, 4, 8, 8, 8, 8]]);
    const none = await grow(configured('method=random', 'probability=0'), { explore: 1 });
    expect(treeStatistics(none[0]!)).toMatchObject({ forks: 0, leaves: 4 });
  });

  it('spark: M roots that fork where the agent explores, up to N', async () => {
    const [tree] = await grow(configured(), { explore: 0.3 });
    const statistics = treeStatistics(tree!);
    expect(statistics).toMatchObject({ leaves: 8, forks: 4 });
    for (const { response, requestedWidth, index } of tree!.turns.values())
      expect(requestedWidth).toBe(response.mode === 'explore' && index < 5 ? 2 : 1);
  });

  it('hands profile, place of the forks and arbiter on to the rollout', async () => {
    const [tree] = await grow(
      configured('profile=reference-code', 'forkAt=same-turn', 'arbiter=priority'),
    );
    expect(tree!.settings).toMatchObject({
      profile: 'reference-code',
      forkAt: 'same-turn',
      arbiter: 'priority-first',
    });
    expect(tree!.leaves.filter(({ copy }) => copy?.reason === 'padding')).toHaveLength(4);
  });

  it.each(CRITERIA)('spark with criterion %s asks for B children at most', (criterion) => {
    const { growth } = rolloutMethod(configured(`criterion=${criterion}`, 'width=3'));
    expect(growth.criterion.maxWidth).toBeLessThanOrEqual(3);
  });

  it('compares a signal with its recent values, once there are any', async () => {
    const config = configured('criterion=surprisal', 'signalShare=0.5');
    const signal = calibratedSignal(config.rollout);
    expect(signal?.id).toBe(surprisalSignal().id);
    expect(rolloutMethod(config).growth.criterion.maxWidth).toBe(1);
    const trees = await Promise.all(
      Array.from({ length: 10 }, (_, seed) => grow(configured('method=chain'), { seed })),
    );
    const calibration = calibrate(trees.flat(), signal!);
    expect(rolloutMethod(config, calibration).growth.criterion.maxWidth).toBe(2);
    for (const method of METHODS.filter((name) => name !== 'spark'))
      expect(calibratedSignal({ ...config.rollout, method })).toBeUndefined();
  });
});

describe('configuration of methods', () => {
  it.each([
    [['method=tree-grpo', 'roots=3'], /rollout\.leaves: for tree-grpo.*multiple.*found 8/],
    [
      ['method=fixed-tree', 'schedule=[2,2]'],
      /rollout\.schedule: for fixed-tree the product.*found \[2,2\]/,
    ],
    [['method=trees'], /rollout\.method.*tree-grpo.*found "trees"/],
    [['criterion=mood'], /rollout\.criterion.*found "mood"/],
  ])('refuses %j and says why', (settings, message) => {
    expect(() => configured(...settings)).toThrow(message);
  });

  it('refuses weights that would depend on the turn itself', () => {
    const base = presetNamed('smoke');
    expect(() =>
      configureFrom(base, ['rollout.forkAt=same-turn', 'learning.weights=reach']),
    ).toThrow(/learning\.weights: with rollout\.forkAt same-turn only mean.*found "reach"/);
  });

  it('reads the configuration of a run that knew no methods', () => {
    const { method, schedule, forksPerPath, ...rollout } = presetNamed('smoke').rollout;
    expect([method, schedule, forksPerPath]).toEqual(['spark', [2, 2, 2], null]);
    const old = { ...presetNamed('smoke'), rollout } as ReturnType<typeof presetNamed>;
    expect(configureFrom(old, [])).toEqual(presetNamed('smoke'));
  });
});
