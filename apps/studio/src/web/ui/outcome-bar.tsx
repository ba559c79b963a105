import type { LeafOutcome } from '@spark-rl/core';

import { outcomeWords } from '../../shared/format.js';
import { countAll } from '../../shared/outcome-counts.js';
import type { OutcomeCounts } from '../../shared/views.js';

/** The order of outcomes, wherever they stand side by side. */
export const OUTCOME_ORDER: readonly LeafOutcome[] = ['success', 'failure', 'truncated', 'failed'];

/** Outcomes in words, such as `3 success, 5 turn limit`. */
export const outcomesInWords = (counts: OutcomeCounts): string =>
  OUTCOME_ORDER.filter((outcome) => counts[outcome] > 0)
    .map((outcome) => `${counts[outcome]} ${outcomeWords(outcome)}`)
    .join(', ') || 'no leaf yet';

/** How leaves ended, as parts of a bar. */
export const OutcomeBar = ({ counts }: { readonly counts: OutcomeCounts }) => {
  const all = countAll(counts);
  return (
    <span className="outcome-bar" aria-hidden="true">
      {OUTCOME_ORDER.map(
        (outcome) =>
          counts[outcome] > 0 && (
            <span
              key={outcome}
              className={`part part-${outcome}`}
              style={{ width: `${(100 * counts[outcome]) / all}%` }}
            />
          ),
      )}
    </span>
  );
};
