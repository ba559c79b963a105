import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { leafStatistics } from '@spark-rl/advantage-normalization';
import { leafBudget } from '@spark-rl/budget';
import { treeId, type Task } from '@spark-rl/core';
import { corridor, plainProtocol, scriptedPolicy } from '@spark-rl/core/testing';
import { openTreeJournal } from '@spark-rl/run-store';
import { rolloutTrees } from '@spark-rl/tree-rollout';

import { recordedTrees } from '../src/pipeline/recorded-trees.js';

/** Records one step of three tasks, two trees each. */
async function record(folder: string): Promise<void> {
  const environment = corridor({ length: 3 });
  const tasks = environment.tasks({ split: 'train', count: 3 }) as readonly Task[];
  await rolloutTrees({
    environment,
    policy: scriptedPolicy(
      ({ random }) => `<think>r</think><action>${random.pick(['left', 'right'])}</action>`,
    ),
    protocol: plainProtocol(),
    brief: { world: 'A corridor.', actions: [] },
    roots: 2,
    budget: leafBudget({ leaves: 2 }),
    maxTurns: 4,
    journal: openTreeJournal(join(folder, 'trees', 'step-00001')),
    trees: tasks.flatMap((task, index) =>
      [0, 1].map((nth) => ({
        task,
        treeId: treeId(`00${index}-${task.id}-${nth}`),
        seed: [index, nth],
      })),
    ),
  });
}

describe('recordedTrees', () => {
  const folder = mkdtempSync(join(tmpdir(), 'spark-rl-recorded-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('leaves out a task of which a tree was not begun when the run was cut off', async () => {
    await record(folder);
    const step = join(folder, 'trees', 'step-00001');
    const read = async (): Promise<{ trees: string[]; unfinished: number }> => {
      const trees: string[] = [];
      let unfinished = 0;
      const all = recordedTrees({
        folder,
        estimator: leafStatistics(),
        treesPerTask: 2,
        steps: { from: 1, to: 9 },
        onUnfinished: () => unfinished++,
      });
      for await (const { tree } of all) trees.push(tree.id.slice(0, 3));
      return { trees, unfinished };
    };
    expect(await read()).toEqual({
      trees: ['000', '000', '001', '001', '002', '002'],
      unfinished: 0,
    });
    const files = readdirSync(step).sort();
    expect(files).toHaveLength(6);
    rmSync(join(step, files[3]!));
    expect(await read()).toEqual({ trees: ['000', '000', '002', '002'], unfinished: 1 });
  });
});
