import { someEnvironment, type Task } from '@spark-rl/core';
import { corridor, plainProtocol, scriptedPolicy } from '@spark-rl/core/testing';
import fc from 'fast-check';

import { presetNamed } from '../src/config/presets.js';
import { renderEvaluations } from '../src/output/evaluations.js';
import { evaluatePolicy, playTasks, type EvaluationOptions } from '../src/pipeline/evaluate.js';
import {
  evaluateBranching,
  leafRules,
  testTimeBranching,
  type LeafRuleName,
} from '../src/pipeline/evaluate-branching.js';
import type { World } from '../src/worlds/world.js';

const environment = corridor({ length: 6, maxSteps: 50 });
const tasks = environment.tasks({ split: 'train', count: 12, seed: 3 }) as readonly Task[];

const world: World = {
  environment: someEnvironment(environment),
  expert: { id: 'none', begin: () => ({ act: () => ({ mode: '', reasoning: '', action: '' }) }) },
  brief: { world: 'A corridor.', actions: [] },
  protocol: plainProtocol(),
  splits: { unseen: 'train', names: ['train'] },
  tasks: () => Promise.resolve(tasks),
  trainingTasks: () => Promise.resolve(tasks),
  tellsTask: true,
};

const smoke = presetNamed('smoke');

/** Walks at random, explores in some turns, breaks off in others. */
const options = (seed: number, fail = 0): EvaluationOptions => ({
  world,
  policy: scriptedPolicy(({ random }) => {
    if (random.uniform() < fail) throw Object.assign(new Error('gone'), { retryable: false });
    const mode = random.uniform() < 0.3 ? 'explore' : 'think';
    return `<${mode}>r</${mode}><action>${random.pick(['left', 'right', 'wait'])}</action>`;
  }),
  tasks,
  temperature: 1,
  config: { ...smoke, environment: { ...smoke.environment, maxTurns: 8 } },
  seed,
});

const rules = Object.keys(leafRules) as LeafRuleName[];

describe('evaluateBranching', () => {
  it('measures beside the tree the same single episodes as evaluatePolicy does', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(1000),
        fc.constantFrom(0, 0.01),
        fc.integer({ min: 1, max: 3 }),
        async (seed, fail, roots) => {
          const plain = await evaluatePolicy(options(seed, fail));
          const settings = testTimeBranching({ leaves: 6, roots });
          const { single, singleTokens } = await evaluateBranching(options(seed, fail), settings);
          expect(single).toEqual(plain);
          const trees = await playTasks(options(seed, fail));
          const turns = trees.flatMap((tree) => [...tree.turns.values()]);
          const tokens = turns.reduce(
            (n, { generation }) => n + generation.responseTokens.length,
            0,
          );
          expect(singleTokens.response).toBeCloseTo(tokens / tasks.length, 9);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('chooses between one sample and what any path reached', async () => {
    for (const choose of rules) {
      const settings = testTimeBranching({ leaves: 8, choose });
      const result = await evaluateBranching(options(1), settings);
      result.successes.forEach((success, i) => {
        if (success) expect(result.anySuccesses[i]).toBe(true);
      });
      expect(result.leavesPerTask).toBeGreaterThan(2);
      expect(result.leavesPerTask).toBeLessThanOrEqual(8);
      expect(result.tokens.response).toBeGreaterThan(result.singleTokens.response);
      expect(result.tokens.prompt).toBeGreaterThan(result.singleTokens.prompt);
      // Success is score 1 here, so the best score is the oracle; the first path is the single sample.
      if (choose === 'best-score') expect(result.successes).toEqual(result.anySuccesses);
      if (choose === 'first') expect(result.successes).toEqual(result.single.successes);
    }
  });

  it('refuses what cannot be, naming it', async () => {
    expect(() => testTimeBranching({ leaves: 4, roots: 5 })).toThrow(/roots.*found 5/);
    expect(() => testTimeBranching({ leaves: 4, choose: 'best' as LeafRuleName })).toThrow(
      /choose.*majority.*found "best"/,
    );
    await expect(
      evaluateBranching(options(1, 1), testTimeBranching({ leaves: 4 })),
    ).rejects.toThrow(/every episode was lost.*gone/);
  });
});

describe('renderEvaluations', () => {
  it('sets branching beside one sample, with intervals and tokens', async () => {
    const branching = await evaluateBranching(options(1), testTimeBranching({ leaves: 8 }));
    const text = renderEvaluations([{ single: branching.single, branching }]);
    expect(text).toMatch(/one sample .*% \[.*│ +1\.0 /);
    expect(text).toMatch(/majority of the last actions .*\[.*\] .*[+-]\d+\.\d \[/);
    expect(text).toMatch(/any path \(an oracle\)/);
    expect(text).toMatch(/up to 8 leaves from 1 root, 2 children where the agent explores/);
    expect(renderEvaluations([{ single: branching.single }])).not.toMatch(/branching/);
  });
});
