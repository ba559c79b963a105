import { InvalidInputError, parseInput, pathTo, type Tree } from '@spark-rl/core';
import { z } from 'zod';

import { countSchema } from '../schemas.js';
import type { Signal } from './signal.js';

const calibrationSchema = z.strictObject({
  version: z.literal(1),
  signal: z.string(),
  samples: z.array(z.number()).readonly(),
});

/** The recent values of a signal. Plain JSON: it is saved with a checkpoint, and does not change while a training step runs. */
export type Calibration = Readonly<z.output<typeof calibrationSchema>>;

const calibrateOptions = z.strictObject({ window: countSchema.default(4096) });

/** How much {@link calibrate} remembers. */
export type CalibrateOptions = z.input<typeof calibrateOptions>;

/**
 * Reads a calibration that was saved.
 *
 * @throws InvalidInputError when it is none
 */
export const parseCalibration = (value: unknown): Calibration =>
  parseInput(
    calibrationSchema,
    value,
    'calibration',
    'Give what calibrate returned, or none to start anew.',
  );

/** The turns after which a criterion was asked: those that did not end their path. */
function askedTurns(tree: Tree): Tree['turns'] {
  const asked = new Map(tree.turns);
  for (const { tail, outcome } of tree.leaves)
    if (tail !== null && outcome !== 'failed') asked.delete(tail);
  return asked;
}

/**
 * The statistics of a signal after a training step: the values at the turns of its trees, every turn once, appended to those from
 * before; the oldest are forgotten beyond `window`. Turns that ended their path are left out, since no criterion is asked there, and
 * so are those where there is nothing to measure. A pure function; the previous calibration is not changed.
 *
 * @param trees - the trees of the step, oldest first
 * @param signal - the signal
 * @param previous - the calibration so far, of the same signal
 * @param options.window - how many values are kept; 4096 by default, about one step of 16 tasks with 8 leaves of 30 turns
 * @throws InvalidInputError when `previous` belongs to another signal, or the signal is not a finite number
 */
export function calibrate(
  trees: Iterable<Tree>,
  signal: Signal,
  previous?: Calibration,
  options: CalibrateOptions = {},
): Calibration {
  const { window } = parseInput(calibrateOptions, options, 'options of calibrate');
  if (previous !== undefined) requireSignal(previous, signal);
  const samples = [...(previous?.samples ?? [])];
  for (const tree of trees)
    for (const id of askedTurns(tree).keys()) {
      const value = signal.value(pathTo(tree, id));
      if (value !== null) samples.push(value);
    }
  return parseCalibration({ version: 1, signal: signal.id, samples: samples.slice(-window) });
}

/** Refuses the statistics of another signal: its quantiles would mean nothing. */
export function requireSignal(calibration: Calibration, signal: Signal): void {
  if (calibration.signal !== signal.id)
    throw new InvalidInputError(
      `the calibration is of signal ${calibration.signal}, not of ${signal.id}`,
      {
        field: 'signal',
        value: calibration.signal,
        remedy:
          'Give the calibration of this signal, with the same options, or none to start anew.',
      },
    );
}

/**
 * The smallest value such that at most a share q of the samples is larger: with n samples, the (floor(q n) + 1)-th largest. Without
 * ties exactly floor(q n) samples are larger; with ties fewer, never more.
 *
 * @param calibration - at least one sample
 * @param share - q, in [0, 1]
 * @returns -Infinity when all samples shall be larger (q = 1); null without samples
 */
export function calibratedThreshold({ samples }: Calibration, share: number): number | null {
  if (samples.length === 0) return null;
  // Float64Array sorts by value; the small term undoes a product such as 0.29 * 100 = 28.999999999999996.
  const ascending = Float64Array.from(samples).sort();
  const larger = Math.floor(share * ascending.length + 1e-9);
  return ascending[ascending.length - 1 - larger] ?? -Infinity;
}
