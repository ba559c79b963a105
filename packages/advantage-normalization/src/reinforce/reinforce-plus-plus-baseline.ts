import { parseInput, type AdvantageEstimator } from '@spark-rl/core';
import { z } from 'zod';

import { whitened, whitenShape } from '../batch/whitened.js';
import { leafEstimator } from '../group/leaf-estimator.js';
import { commonShape } from '../options.js';
import { normalise } from '../statistics/normalise.js';

const optionsSchema = z.strictObject({ ...commonShape, ...whitenShape });

/** The settings of {@link reinforcePlusPlusBaseline}. */
export type ReinforcePlusPlusBaselineOptions = z.input<typeof optionsSchema>;

/**
 * REINFORCE++ with a baseline (arXiv 2501.03262): the mean of the group is taken off first, and the rest whitened over the batch.
 *
 *     d_i = R_i - mean R of the group (weighted by reach with weights `reach`)
 *     A_i = (d_i - mean d) / sqrt(var d + whitenEpsilon) over all copies of the batch, each counted once a response token
 *     copy of turn t from leaf i: A_i - penalties, weight w
 *
 * One deviation for all tasks: unlike in GRPO, a task with nearly equal rewards is not blown up. The whitening happens in `acrossTasks`. A group
 * of fewer than two leaves gives nothing.
 *
 * When to use it: in place of GRPO where tasks of very different difficulty stand in one batch.
 *
 * @throws InvalidInputError naming the wrong option or, from `estimate`, the tree or leaf at fault
 */
export function reinforcePlusPlusBaseline(
  options: ReinforcePlusPlusBaselineOptions = {},
): AdvantageEstimator {
  const settings = parseInput(optionsSchema, options, 'options of reinforcePlusPlusBaseline');
  const { reward, weights, per, whitenEpsilon, invalidPenalty, unavailablePenalty } = settings;
  const unfined = { reward, weights, invalidPenalty: 0, unavailablePenalty: 0 };
  const centred = leafEstimator('centred', unfined, (group, reaches) =>
    normalise(
      group.map((member) => member.reward),
      { std: false, ddof: 1, epsilon: 0 },
      reaches,
    ),
  );
  return {
    ...whitened(centred, { per, whitenEpsilon, invalidPenalty, unavailablePenalty }),
    id: 'reinforce-plus-plus-baseline',
  };
}
