import { parseInput, type AdvantageEstimator } from '@spark-rl/core';
import { z } from 'zod';

import { leafEstimator } from '../group/leaf-estimator.js';
import { commonShape, weightedStatisticsOption, weightedStatisticsRule } from '../options.js';
import { normalise } from '../statistics/normalise.js';

const optionsSchema = z
  .strictObject({ ...commonShape, weightedStatistics: weightedStatisticsOption })
  .refine(...weightedStatisticsRule);

/** The settings of `drGrpo`. */
export type DrGrpoOptions = z.input<typeof optionsSchema>;

/**
 * Dr. GRPO (arXiv 2503.20783): GRPO without the division by the deviation, which weighs tasks that are nearly always or nearly never
 * solved more than others.
 *
 *     A_i = R_i - mean R
 *     copy of turn t from leaf i: A_i - penalties, weight w
 *
 * Its other half, a constant in place of each response's length, is an aggregation of the objective and not of the advantages. The mean
 * includes R_i itself, so the expected update is (n - 1) / n of the policy gradient for n independent leaves; `rloo` has no such factor.
 *
 * When to use it: where tasks differ in difficulty and none shall count more for its small deviation.
 *
 * @throws InvalidInputError naming the wrong option or, from `estimate`, the tree or leaf at fault
 */
export function drGrpo(options: DrGrpoOptions = {}): AdvantageEstimator {
  const settings = parseInput(optionsSchema, options, 'options of drGrpo');
  return leafEstimator('dr-grpo', settings, (group, reaches) =>
    normalise(
      group.map(({ reward }) => reward),
      { std: false, ddof: 1, epsilon: 0 },
      reaches,
    ),
  );
}
