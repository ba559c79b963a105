import type { Policy, Task } from '@spark-rl/core';

import type { TrainConfig } from '../../config/schema.js';
import { renderEvaluations } from '../../output/evaluations.js';
import { startProgress, type Output } from '../../output/progress.js';
import { showResult } from '../../output/result.js';
import { evaluatePolicy } from '../../pipeline/evaluate.js';
import {
  evaluateBranching,
  type Measured,
  type TestTimeBranching,
} from '../../pipeline/evaluate-branching.js';
import { wilsonInterval } from '../../statistics/intervals.js';
import type { World } from '../../worlds/world.js';

/** What is measured, and how. */
export interface Measurement {
  readonly world: World;
  readonly tasks: readonly Task[];
  readonly temperatures: readonly number[];
  readonly branching: TestTimeBranching | undefined;
  readonly config: Pick<TrainConfig, 'environment' | 'rollout'>;
  readonly seed: number;
}

/** Measures a policy at each temperature, and shows how far it has come. */
export async function measure(
  policy: Policy,
  { world, tasks, temperatures, branching, config, seed }: Measurement,
  signal: AbortSignal,
  output: Output,
): Promise<readonly Measured[]> {
  const bar = startProgress(output, 'measuring', temperatures.length * tasks.length);
  try {
    const done: Measured[] = [];
    for (const temperature of temperatures) {
      const onEpisode = (finished: number): void =>
        bar.update(done.length * tasks.length + finished);
      const episodes = { world, policy, tasks, temperature, config, seed, signal, onEpisode };
      if (branching === undefined) {
        done.push({ single: await evaluatePolicy(episodes) });
      } else {
        const result = await evaluateBranching(episodes, branching);
        done.push({ single: result.single, branching: result });
      }
    }
    return done;
  } finally {
    bar.stop();
  }
}

const asJson = ({ single, branching }: Measured) => ({
  ...single,
  ...wilsonInterval(single.successes),
  ...(branching !== undefined && {
    branching: {
      ...branching.settings,
      ...wilsonInterval(branching.successes),
      successes: branching.successes,
      anySuccesses: branching.anySuccesses,
      leavesPerTask: branching.leavesPerTask,
      tokens: branching.tokens,
      singleTokens: branching.singleTokens,
    },
  }),
});

/** Prints what was measured: JSON, or tables below a line that says of what. */
export function showMeasured(measured: readonly Measured[], title: string, output: Output): void {
  showResult(output, measured.map(asJson), `\n${title}\n${renderEvaluations(measured)}`);
}
