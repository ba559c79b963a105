import type { AdvantageEstimator, CreditCopy, Tree, TurnScores } from '@spark-rl/core';

/** The copies of every turn, by node. */
export function copiesOf(
  estimator: AdvantageEstimator,
  trees: readonly Tree[],
  scores?: TurnScores,
): Record<string, readonly CreditCopy[]> {
  return Object.fromEntries(
    estimator.estimate(trees, scores).map(({ node, copies }) => [node, copies]),
  );
}

/** The advantages of every turn, by node. */
export function advantagesOf(
  estimator: AdvantageEstimator,
  trees: readonly Tree[],
  scores?: TurnScores,
): Record<string, number[]> {
  return Object.fromEntries(
    Object.entries(copiesOf(estimator, trees, scores)).map(([node, copies]) => [
      node,
      copies.map(({ advantage }) => advantage),
    ]),
  );
}

/** Compares number by number, to twelve digits, and the nodes exactly. */
export function expectAdvantages(
  actual: Record<string, number[]>,
  expected: Record<string, number[]>,
): void {
  expect(Object.keys(actual)).toEqual(Object.keys(expected));
  for (const [node, values] of Object.entries(expected)) {
    expect(actual[node]).toEqual(values.map((value): unknown => expect.closeTo(value, 12)));
  }
}
