import type { HostTensor, Named, TensorOps, TensorSpec } from '@spark-rl/tensor';

import { boundLogRatio } from './log-ratio.js';

/** Which targets make a sequence: inputs of a loss with sequence-level ratios. */
export const segmentInputs = {
  /** Indices of a sequence's targets, padded with any. */
  segmentTargets: { dtype: 'int32', shape: ['segment', 'longest'] },
  /** 1 / T at the T targets of a sequence, 0 at padding. */
  segmentShares: { dtype: 'float32', shape: ['segment', 'longest'] },
  /** The sequence of each target. */
  segmentOf: { dtype: 'int32', shape: ['target'] },
} as const satisfies Named<TensorSpec>;

/**
 * The ratio of sequences (GSPO, arXiv 2507.18071, equation 7): the geometric mean of the ratios of their T tokens,
 *
 *     s = exp( (1 / T) sum_t (log p_t - log p_old,t) )
 *
 * laid out over the tokens again. All copies of a turn have the same s, so that they collapse as with a token's ratio.
 *
 * @param difference - log p - log p_old of each target, shape [target]
 * @param inputs - `segmentInputs`
 * @returns s of each target's sequence, shape [target]
 */
export function sequenceRatio<T>(ops: TensorOps<T>, difference: T, inputs: Named<T>): T {
  const bySegment = ops.gather(difference, inputs['segmentTargets']!);
  const means = ops.sum(ops.mul(bySegment, inputs['segmentShares']!), [1]);
  return ops.gather(ops.exp(boundLogRatio(ops, means)), inputs['segmentOf']!);
}

// Few different shapes: engines plan memory and kernels once for each.
const roundUp = (n: number, multiple: number): number =>
  Math.max(1, Math.ceil(n / multiple)) * multiple;

/**
 * The inputs of {@link sequenceRatio} for sequences that stand one after the other.
 *
 * @param lengths - the number of targets of each sequence, in order
 * @param targets - how many targets the batch has, padding included; padding takes the ratio of the first sequence and must weigh nothing
 */
export function segmentTensors(lengths: readonly number[], targets: number): Named<HostTensor> {
  const segments = roundUp(lengths.length, 8);
  const longest = roundUp(Math.max(1, ...lengths), 32);
  const segmentTargets = new Int32Array(segments * longest);
  const segmentShares = new Float32Array(segments * longest);
  const segmentOf = new Int32Array(targets);
  let at = 0;
  for (const [segment, length] of lengths.entries()) {
    for (let i = 0; i < length; i++) {
      segmentTargets[segment * longest + i] = at;
      segmentShares[segment * longest + i] = 1 / length;
      segmentOf[at++] = segment;
    }
  }
  const shape = [segments, longest];
  return {
    segmentTargets: { dtype: 'int32', shape, data: segmentTargets },
    segmentShares: { dtype: 'float32', shape, data: segmentShares },
    segmentOf: { dtype: 'int32', shape: [targets], data: segmentOf },
  };
}
