import { InvalidInputError } from '@spark-rl/core';

/** The levels of generalisation as splits: seen rooms or variations, unseen ones, and kinds of task that were never learned from. */
export const LEVEL_SPLITS = ['L0', 'L1', 'L2'] as const;

/** The splits of a world, its levels among them, and what is learned from. */
export interface LevelledSplits {
  readonly unseen: string;
  readonly names: readonly string[];
  readonly training: string;
  /** Why L2 cannot be measured; absent where it can. */
  readonly noL2?: string;
}

const NOTHING_HELD_OUT =
  'no kind of task was held out in training (environment.heldOut; of a served model, --held-out), so none is new to the agent';

/**
 * What a world that has levels is divided into. Where kinds are held out, they are left out of training, and success is measured on unseen
 * games of the other kinds (L1): the held-out ones would otherwise help to choose the best checkpoint.
 *
 * @param names - the splits that the world has beside its levels; the first is what success is measured on
 * @param heldOut - the kinds of task that are held out
 */
export const levelledSplits = (
  names: readonly [string, ...string[]],
  heldOut: readonly string[],
): LevelledSplits =>
  heldOut.length === 0
    ? {
        unseen: names[0],
        names: [...names, 'L0', 'L1'],
        training: 'train',
        noL2: NOTHING_HELD_OUT,
      }
    : { unseen: 'L1', names: [...names, 'L-train', ...LEVEL_SPLITS], training: 'L-train' };

/**
 * The levels that a world can be measured on, and why not on the others.
 *
 * @throws InvalidInputError when the world has none
 */
export function levelsOf(splits: Pick<LevelledSplits, 'names' | 'noL2'>): {
  readonly measured: readonly string[];
  readonly notMeasured: readonly { readonly split: string; readonly reason: string }[];
} {
  const measured = LEVEL_SPLITS.filter((level) => splits.names.includes(level));
  if (measured.length === 0) {
    throw new InvalidInputError('this world has no levels of generalisation', {
      field: '--levels',
      remedy: `ALFWorld and ScienceWorld have. Measure a split with --split: ${splits.names.join(', ')}.`,
    });
  }
  const notMeasured = splits.noL2 === undefined ? [] : [{ split: 'L2', reason: splits.noL2 }];
  return { measured, notMeasured };
}
