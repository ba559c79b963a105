import Table from 'cli-table3';

/**
 * Lays rows out in columns under a heading, with thin rules that survive in a log or a web page.
 *
 * @param leftColumns - how many columns are words, and begin at the left; the others are numbers
 */
export function renderTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  leftColumns = 1,
): string {
  const table = new Table({
    head: [...head],
    style: { head: [], border: [], compact: true },
    colAligns: head.map((_, column) => (column < leftColumns ? 'left' : 'right')),
  });
  table.push(...rows.map((row) => [...row]));
  return `${table.toString()}\n`;
}

/** A share as a percentage: 0.1234 -> `12.3 %`. */
export const percent = (share: number): string =>
  Number.isFinite(share) ? `${(100 * share).toFixed(1)} %` : '-';

/** A difference of shares in points: 0.05 -> `+5.0`. */
export const points = (difference: number): string =>
  Number.isFinite(difference)
    ? `${difference < 0 ? '' : '+'}${(100 * difference).toFixed(1)}`
    : '-';
