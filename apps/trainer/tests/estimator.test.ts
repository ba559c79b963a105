import { estimateBatch } from '@spark-rl/advantage-normalization';
import { exploreTag } from '@spark-rl/branching-criteria';
import { leafBudget } from '@spark-rl/budget';
import { corridor, plainProtocol, scriptedPolicy } from '@spark-rl/core/testing';
import type { Task, Tree } from '@spark-rl/core';
import { rolloutTrees } from '@spark-rl/tree-rollout';

import { configureFrom, presetNamed } from '../src/config/presets.js';
import { ESTIMATOR_NAMES } from '../src/config/schema.js';
import { estimatorOf } from '../src/pipeline/estimator.js';

const grow = async (): Promise<readonly Tree[]> => {
  const environment = corridor({ length: 6 });
  const tasks = environment.tasks({ split: 'train', count: 6 }) as readonly Task[];
  return rolloutTrees({
    environment,
    policy: scriptedPolicy(({ random }) => {
      const mode = random.uniform() < 0.3 ? 'explore' : 'think';
      return `<${mode}>r</${mode}><action>${random.pick(['left', 'right'])}</action>`;
    }),
    protocol: plainProtocol(),
    brief: { world: 'A corridor.', actions: [] },
    budget: leafBudget({ leaves: 8 }),
    criterion: exploreTag(),
    maxTurns: 12,
    trees: tasks.map((task, i) => ({ task, seed: ['estimators', i] })),
  });
};

describe('learning.estimator', () => {
  it.each(ESTIMATOR_NAMES)(
    '%s credits the trees of the rollout by finite numbers',
    async (name) => {
      const trees = await grow();
      const config = configureFrom(presetNamed('smoke'), [`learning.estimator=${name}`]);
      const credited = estimateBatch(
        estimatorOf(config),
        trees.map((tree) => [tree]),
      );
      expect(credited.map(({ tree }) => tree.id)).toEqual(trees.map(({ id }) => id));
      const copies = credited.flatMap(({ credits }) => credits.flatMap((credit) => credit.copies));
      expect(copies.some(({ advantage }) => advantage > 0)).toBe(true);
      for (const { advantage, weight } of copies) {
        expect(Number.isFinite(advantage)).toBe(true);
        expect(weight).toBeGreaterThan(0);
      }
    },
  );

  it.each(ESTIMATOR_NAMES)('%s takes the world’s score for the reward', async (name) => {
    const trees = (await grow()).map((tree) => ({
      ...tree,
      leaves: tree.leaves.map((leaf, i) => ({ ...leaf, score: (i % 3) / 2 })),
    }));
    const credits = ['success', 'score'].map((reward) =>
      JSON.stringify(
        estimateBatch(
          estimatorOf(
            configureFrom(presetNamed('smoke'), [
              `learning.estimator=${name}`,
              `learning.reward=${reward}`,
            ]),
          ),
          trees.map((tree) => [tree]),
        ),
      ),
    );
    expect(credits[0]).not.toBe(credits[1]);
  });

  it('gives other credits under other names', async () => {
    const trees = await grow();
    const credits = ESTIMATOR_NAMES.map((name) =>
      JSON.stringify(
        estimateBatch(
          estimatorOf(configureFrom(presetNamed('smoke'), [`learning.estimator=${name}`])),
          trees.map((tree) => [tree]),
        ).flatMap((each) => each.credits),
      ),
    );
    expect(new Set(credits).size).toBe(ESTIMATOR_NAMES.length);
  });
});
