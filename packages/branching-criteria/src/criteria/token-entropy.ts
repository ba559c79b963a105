import { parseInput, type BranchingCriterion } from '@spark-rl/core';
import { z } from 'zod';

import type { Signal } from '../signals/signal.js';
import { maxEntropySignal, meanEntropySignal } from '../signals/token-entropy.js';
import { forkAbove, thresholdShape } from './threshold.js';

const tokenEntropyOptions = z.strictObject(thresholdShape);

/** The threshold and B of {@link meanEntropy} and {@link maxEntropy}. */
export type TokenEntropyOptions = z.input<typeof tokenEntropyOptions>;

function tokenEntropy(
  signal: Signal,
  options: TokenEntropyOptions,
  what: string,
): BranchingCriterion {
  const { above, width } = parseInput(tokenEntropyOptions, options, `options of ${what}`);
  return forkAbove(`${signal.id}(${above},${width})`, signal, above, width);
}

/**
 * Forks where the response was uncertain on the whole: b_t = B if (1/T) sum_j H_j > above, else 1, with H_j the entropy of the
 * distribution that token j was sampled from. What is high depends on the model: {@link calibratedQuantile} finds it by itself.
 *
 * @param options.above - in nats; a token's entropy is in [0, log V]
 * @param options.width - B, a whole number of at least 1, 2 by default
 * @throws InvalidInputError when an option is not such a value, and later when the policy reports no entropies
 */
export const meanEntropy = (options: TokenEntropyOptions): BranchingCriterion =>
  tokenEntropy(meanEntropySignal(), options, 'meanEntropy');

/**
 * Forks where one token of the response was very uncertain: b_t = B if max_j H_j > above, else 1.
 *
 * @param options.above - in nats; a token's entropy is in [0, log V]
 * @param options.width - B, a whole number of at least 1, 2 by default
 * @throws InvalidInputError when an option is not such a value, and later when the policy reports no entropies
 */
export const maxEntropy = (options: TokenEntropyOptions): BranchingCriterion =>
  tokenEntropy(maxEntropySignal(), options, 'maxEntropy');
