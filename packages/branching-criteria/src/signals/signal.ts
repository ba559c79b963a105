import {
  InvalidInputError,
  showValue,
  type Generation,
  type GenerationWants,
  type Turn,
} from '@spark-rl/core';

/**
 * A number that says how unsure a turn is: the larger, the more worth a fork. A signal looks at the turns alone, so that the same
 * function that triggers forks while a tree grows can be measured again on the finished tree.
 */
export interface Signal {
  readonly id: string;
  /** What it needs to know of each response beside the text. */
  readonly want?: GenerationWants;
  /**
   * The signal of a turn.
   *
   * @param path - the turns from the root to the turn, that turn last; at least one
   * @returns a finite number, or null where there is nothing to measure
   */
  readonly value: (path: readonly Turn[]) => number | null;
}

/** The turn that a path ends with. */
export function lastTurn(path: readonly Turn[]): Turn {
  const turn = path[path.length - 1];
  if (turn === undefined)
    throw new InvalidInputError('the path is empty', {
      field: 'path',
      value: path,
      remedy: 'Give the turns from the root to the turn in question, that turn last.',
    });
  return turn;
}

/** What was wanted of a response that has tokens, and is not there. */
function missing(
  { entropies = false, topLogProbs = 0 }: GenerationWants,
  generation: Generation,
): string | undefined {
  const absent =
    entropies && generation.entropies === undefined
      ? 'entropies'
      : topLogProbs > 0 && generation.topLogProbs === undefined
        ? 'topLogProbs'
        : undefined;
  return absent !== undefined && generation.responseTokens.length > 0 ? absent : undefined;
}

/**
 * Measures a signal where it must be there: a criterion whose signal a policy cannot give would silently never fork.
 *
 * @returns a finite number, or null where there is nothing to measure
 * @throws InvalidInputError when the policy did not report what the signal wants, or the signal is not a finite number
 */
export function measure(signal: Signal, path: readonly Turn[]): number | null {
  const field = missing(signal.want ?? {}, lastTurn(path).generation);
  if (field !== undefined)
    throw new InvalidInputError(
      `the policy reported no ${field}, which signal ${signal.id} reads`,
      {
        field: `generation.${field}`,
        value: undefined,
        remedy:
          'Use a policy that reports them, or a criterion that needs none: exploreTag, surprisal, verbalisedDoubt.',
      },
    );
  const value = signal.value(path);
  if (value === null || Number.isFinite(value)) return value;
  throw new InvalidInputError(
    `signal ${signal.id} is ${showValue(value)} at turn ${lastTurn(path).id}`,
    {
      field: signal.id,
      value,
      remedy: 'Return a finite number, or null where there is nothing to measure.',
    },
  );
}
