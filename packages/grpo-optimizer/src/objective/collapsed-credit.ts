import { InvalidInputError, type CreditCopy, type TurnCredit } from '@spark-rl/core';

/** All copies of a turn in three numbers: enough to train it once with exactly the loss of all its copies. */
export interface CollapsedCredit {
  /** P = sum w max(A, 0), at least 0. */
  readonly positive: number;
  /** Q = sum w min(A, 0), at most 0. */
  readonly negative: number;
  /** W = sum w, positive. */
  readonly weight: number;
  /** How many copies there were. */
  readonly copies: number;
}

/** P and Q of copies whose advantages are all lowered by `shift`. */
export function collapseShifted(
  copies: readonly CreditCopy[],
  shift: number,
): Pick<CollapsedCredit, 'positive' | 'negative'> {
  let [positive, negative] = [0, 0];
  for (const { advantage, weight } of copies) {
    positive += weight * Math.max(advantage - shift, 0);
    negative += weight * Math.min(advantage - shift, 0);
  }
  return { positive, negative };
}

/**
 * Collapses the copies of a turn.
 *
 * @throws InvalidInputError naming the turn when an advantage is not finite or a weight not positive
 */
export function collapseCopies(credit: TurnCredit): CollapsedCredit {
  let weight = 0;
  for (const copy of credit.copies) {
    if (!Number.isFinite(copy.advantage) || !(copy.weight > 0 && copy.weight < Infinity)) {
      throw new InvalidInputError(
        `turn ${credit.node} of tree ${credit.tree} has a copy of advantage ${copy.advantage} and weight ${copy.weight}`,
        {
          field: 'copies',
          value: copy,
          remedy: 'Give finite advantages and positive, finite weights.',
        },
      );
    }
    weight += copy.weight;
  }
  return { ...collapseShifted(credit.copies, 0), weight, copies: credit.copies.length };
}
