import { parseInput, type BranchingCriterion } from '@spark-rl/core';
import { z } from 'zod';

import { countSchema, signalSchema } from '../schemas.js';
import {
  calibratedThreshold,
  parseCalibration,
  requireSignal,
  type Calibration,
} from '../signals/calibration.js';
import { widthSchema } from '../width.js';
import { forkAbove } from './threshold.js';

const calibratedQuantileOptions = z.strictObject({
  signal: signalSchema,
  share: z.number().min(0).max(1),
  width: widthSchema.default(2),
  minimumSamples: countSchema.default(100),
  calibration: z.custom<Calibration>().optional(),
});

/** The signal, q, B and the statistics of {@link calibratedQuantile}. */
export type CalibratedQuantileOptions = z.input<typeof calibratedQuantileOptions>;

/**
 * Forks at the turns whose signal is in its top share: b_t = B if s_t is larger than all but a share q of the values that the signal
 * has had lately, else 1. So the same setting suits a weak and a strong model, early and late in training, without a threshold to
 * find by hand.
 *
 * The statistics are a value, made by {@link calibrate} after a training step from its trees and given to the next step's criterion:
 * within a step they are frozen, so a tree does not depend on which others were grown before it. Save them with the checkpoint.
 * While they have fewer than `minimumSamples` values the criterion never asks, and says so by a `maxWidth` of 1; it still wants what
 * its signal reads, so that the first step fills them. With ties, as in a signal that counts, the share is at most q.
 *
 * @param options.signal - what is measured; any signal
 * @param options.share - q in [0, 1]: about which share of the turns asks
 * @param options.width - B, a whole number of at least 1, 2 by default
 * @param options.minimumSamples - 100 by default
 * @param options.calibration - what `calibrate` returned; none at the start
 * @throws InvalidInputError when an option is not such a value, or the calibration is of another signal; and later when the policy
 *   does not report what the signal wants
 */
export function calibratedQuantile(options: CalibratedQuantileOptions): BranchingCriterion {
  const { signal, share, width, minimumSamples, calibration } = parseInput(
    calibratedQuantileOptions,
    options,
    'options of calibratedQuantile',
  );
  const statistics = calibration === undefined ? undefined : parseCalibration(calibration);
  if (statistics !== undefined) requireSignal(statistics, signal);
  const enough = statistics !== undefined && statistics.samples.length >= minimumSamples;
  const above = enough ? calibratedThreshold(statistics, share) : null;
  // The threshold is part of the name: a tree may only be taken up by the criterion that began it.
  const id = `calibrated-quantile(${signal.id},${share},${width}${above === null ? '' : `,>${above}`})`;
  return above === null
    ? {
        id,
        maxWidth: 1,
        ...(signal.want !== undefined && { want: signal.want }),
        decide: () => ({ width: 1 }),
      }
    : forkAbove(id, signal, above, width);
}
