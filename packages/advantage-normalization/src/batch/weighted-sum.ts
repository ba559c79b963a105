import {
  InvalidInputError,
  type AdvantageEstimator,
  type CreditCopy,
  type Tree,
  type TurnCredit,
} from '@spark-rl/core';

/** One summand: an estimator, and what its advantages are multiplied with. */
export interface Summand {
  readonly estimator: AdvantageEstimator;
  readonly factor: number;
}

const TOLERANCE = 1e-9;

function refuse(id: string, tree: Tree, node: string, why: string): never {
  throw new InvalidInputError(`${id} cannot add up turn ${node} of tree ${tree.id}: ${why}`, {
    field: 'weights',
    remedy: 'Give all summands the same weights.',
  });
}

const sameWeight = (a: number, b: number): boolean => Math.abs(a - b) <= TOLERANCE * Math.max(a, b);

const totalWeight = (copies: readonly CreditCopy[]): number =>
  copies.reduce((sum, { weight }) => sum + weight, 0);

/** The copies of one turn from all summands as one list: by leaf where any summand tells leaves apart, otherwise a single copy. */
function addUp(
  id: string,
  tree: Tree,
  node: string,
  parts: readonly { readonly copies: readonly CreditCopy[]; readonly factor: number }[],
): readonly CreditCopy[] {
  const layout = (parts.find(({ copies }) => copies[0]?.leaf !== undefined) ?? parts[0]!).copies;
  const sums = layout.map((copy) => ({ ...copy, advantage: 0 }));
  for (const { copies, factor } of parts) {
    if (copies.length === 1 && copies[0]!.leaf === undefined) {
      if (!sameWeight(totalWeight(layout), copies[0]!.weight))
        refuse(id, tree, node, 'its summands weigh it differently');
      for (const sum of sums) sum.advantage += factor * copies[0]!.advantage;
      continue;
    }
    if (copies.length !== sums.length)
      refuse(id, tree, node, 'its summands give it different copies');
    for (const [i, copy] of copies.entries()) {
      const sum = sums[i]!;
      if (copy.leaf !== sum.leaf) refuse(id, tree, node, 'its summands give it different copies');
      if (!sameWeight(copy.weight, sum.weight))
        refuse(id, tree, node, 'its summands weigh it differently');
      sum.advantage += factor * copy.advantage;
    }
  }
  return sums;
}

/**
 * Adds up what several estimators say:
 *
 *     A(t, i) = sum over s of factor_s A_s(t, i)
 *
 * An estimator that gives a turn one copy says the same of all its leaves; a turn that an estimator leaves out counts as 0 there. All
 * summands must weigh a turn alike, and penalties of all of them are added: set them to 0 in all but one.
 *
 * When to use it: to mix what compares whole paths with what compares siblings or turns, such as `leafStatistics` and
 * `siblingLocal`.
 *
 * @throws InvalidInputError when there is no summand, a factor is not finite, a summand works across tasks, or, from `estimate`, naming the
 *   turn that summands weigh differently
 */
export function weightedSum(summands: readonly Summand[]): AdvantageEstimator {
  const id = `sum(${summands.map(({ estimator, factor }) => `${factor} ${estimator.id}`).join(', ')})`;
  if (summands.length === 0) {
    throw new InvalidInputError('weightedSum got no summands', {
      field: 'summands',
      remedy: 'Give at least one estimator with a factor.',
    });
  }
  for (const { estimator, factor } of summands) {
    if (!Number.isFinite(factor)) {
      throw new InvalidInputError(`the factor of ${estimator.id} is ${factor}`, {
        field: 'factor',
        value: factor,
        remedy: 'Give a finite number.',
      });
    }
    if (estimator.acrossTasks !== undefined) {
      throw new InvalidInputError(`${estimator.id} is only known with the whole batch`, {
        field: 'summands',
        value: estimator.id,
        remedy: 'Add up estimators of single tasks, and whiten the sum.',
      });
    }
  }
  return {
    id,
    estimate: (trees, scores) => {
      const found = summands.map(({ estimator, factor }) => ({
        factor,
        credits: new Map(
          estimator
            .estimate(trees, scores)
            .map(({ tree, node, copies }) => [`${tree} ${node}`, copies]),
        ),
      }));
      return trees.flatMap((tree) =>
        [...tree.turns.keys()].flatMap((node): TurnCredit[] => {
          const parts = found.flatMap(({ factor, credits }) => {
            const copies = credits.get(`${tree.id} ${node}`);
            return copies === undefined ? [] : [{ factor, copies }];
          });
          if (parts.length === 0) return [];
          return [{ tree: tree.id, node, copies: addUp(id, tree, node, parts) }];
        }),
      );
    },
  };
}
