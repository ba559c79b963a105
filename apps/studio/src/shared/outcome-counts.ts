import type { OutcomeCounts } from './views.js';

const NONE: OutcomeCounts = { success: 0, failure: 0, truncated: 0, failed: 0 };

/** Counts leaves by how they ended. */
export function countOutcomes(
  leaves: Iterable<{ readonly outcome: keyof OutcomeCounts }>,
): OutcomeCounts {
  const counts = { ...NONE };
  for (const { outcome } of leaves) counts[outcome]++;
  return counts;
}

/** All leaves together. */
export const countAll = ({ success, failure, truncated, failed }: OutcomeCounts): number =>
  success + failure + truncated + failed;
