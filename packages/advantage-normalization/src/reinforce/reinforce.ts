import { parseInput, type AdvantageEstimator } from '@spark-rl/core';
import { z } from 'zod';

import { leafEstimator } from '../group/leaf-estimator.js';
import { commonShape } from '../options.js';

const optionsSchema = z.strictObject({
  ...commonShape,
  baseline: z.number().default(0),
});

/** The settings of {@link reinforce}. */
export type ReinforceOptions = z.input<typeof optionsSchema>;

/**
 * REINFORCE with a constant baseline (Williams 1992, https://doi.org/10.1007/BF00992696).
 *
 *     A_i = R_i - baseline
 *     copy of turn t from leaf i: A_i - penalties, weight w
 *
 * With weights `reach` and no penalties, the expected update of a tree is its roots times the policy gradient, exactly, whatever the
 * baseline and also where a budget cuts forks off. It needs no group: a single leaf gets credits.
 *
 * When to use it: with weights `reach` as the unbiased yardstick; for a single rollout a task, with a known mean reward as baseline.
 *
 * @throws InvalidInputError naming the wrong option or, from `estimate`, the tree or leaf at fault
 */
export function reinforce(options: ReinforceOptions = {}): AdvantageEstimator {
  const settings = parseInput(optionsSchema, options, 'options of reinforce');
  return leafEstimator(
    'reinforce',
    settings,
    (group) => group.map(({ reward }) => reward - settings.baseline),
    1,
  );
}
