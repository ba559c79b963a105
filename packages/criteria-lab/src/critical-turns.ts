import { parseInput } from '@spark-rl/core';
import { z } from 'zod';

export const criticalRuleSchema = z.union([
  z.strictObject({ above: z.number().min(0).max(0.5) }),
  z.strictObject({ top: z.number().gt(0).max(1) }),
]);

/** Which turns count as critical: those whose variance is above τ, or the given share of all turns that has the most. */
export type CriticalRule = z.input<typeof criticalRuleSchema>;

/**
 * Says of each turn whether it is critical.
 *
 * - `{ above: τ }`: its variance is larger than τ.
 * - `{ top: share }`: it is among the ⌈share · turns⌉ with the largest variance. Ties with the last of them count too, and a turn
 *   without variance never does.
 *
 * @param variances - of all turns together, each in [0, 0.5]
 */
export function criticalTurns(
  variances: readonly number[],
  rule: CriticalRule,
): readonly boolean[] {
  const checked = parseInput(criticalRuleSchema, rule, 'rule for critical turns');
  if ('above' in checked) return variances.map((variance) => variance > checked.above);
  const count = Math.ceil(checked.top * variances.length);
  const last = [...variances].sort((a, b) => b - a)[count - 1] ?? 0;
  return variances.map((variance) => variance > 0 && variance >= last);
}
