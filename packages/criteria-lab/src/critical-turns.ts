import { parseInput } from '@spark-rl/core';
import { z } from 'zod';

export const criticalRuleSchema = z.union([
  z.strictObject({ above: z.number().min(0).max(0.5) }),
  z.strictObject({ top: z.number().gt(0).max(1) }),
]);

/** Which turns count as critical: those more important than τ, or the given share of all turns that has the most. */
export type CriticalRule = z.input<typeof criticalRuleSchema>;

/** The test that a rule puts to the importance of a turn, given the importances of all turns. */
export function criticalTest(
  importances: readonly number[],
  rule: CriticalRule,
): (importance: number) => boolean {
  const checked = parseInput(criticalRuleSchema, rule, 'rule for critical turns');
  if ('above' in checked) return (importance) => importance > checked.above;
  const count = Math.ceil(checked.top * importances.length);
  const last = [...importances].sort((a, b) => b - a)[count - 1] ?? 0;
  return (importance) => importance > 0 && importance >= last;
}

/**
 * Says of each turn whether it is critical.
 *
 * - `{ above: τ }`: its importance is larger than τ.
 * - `{ top: share }`: it is among the ⌈share · turns⌉ with the largest importance. Ties with the last of them count too, and a
 *   turn whose importance is not above 0 never does.
 *
 * @param importances - of all turns together
 */
export const criticalTurns = (
  importances: readonly number[],
  rule: CriticalRule,
): readonly boolean[] => importances.map(criticalTest(importances, rule));
