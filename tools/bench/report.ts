import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** One measured figure beside its peer: another way to do the same work, measured in the same run, or a recorded figure that is named. */
export interface BenchRow {
  readonly metric: string;
  readonly value: number;
  readonly unit: string;
  readonly better: 'lower' | 'higher';
  readonly peer: string;
  readonly peerValue: number;
  /** value / peerValue. */
  readonly ratio: number;
  /** What `value` must keep to: the most where lower is better, the least where higher is. */
  readonly limit?: number;
}

/** A row, with its ratio worked out. */
export const benchRow = (row: Omit<BenchRow, 'ratio'>): BenchRow => ({
  ...row,
  ratio: row.value / row.peerValue,
});

const show = (value: number): string =>
  Math.abs(value) >= 100 ? Math.round(value).toLocaleString('en-US') : value.toPrecision(3);

/** Whether a row keeps to its limit, or has none. */
const withinLimit = ({ value, better, limit }: BenchRow): boolean =>
  limit === undefined || (better === 'lower' ? value <= limit : value >= limit);

/**
 * Prints the rows as a table and writes them to `bench-results/<name>.json`.
 *
 * @returns whether every row keeps to its limit
 */
export function reportBench(name: string, rows: readonly BenchRow[]): boolean {
  const head = ['metric', 'value', 'unit', 'better', 'limit', 'peer', 'peer value', 'ratio'];
  const lines = rows.map((row) => [
    row.metric,
    show(row.value),
    row.unit,
    row.better,
    row.limit === undefined ? '' : `${show(row.limit)}${withinLimit(row) ? '' : ' MISSED'}`,
    row.peer,
    show(row.peerValue),
    show(row.ratio),
  ]);
  const widths = head.map((title, i) =>
    Math.max(title.length, ...lines.map((line) => line[i]!.length)),
  );
  for (const line of [head, widths.map((width) => '-'.repeat(width)), ...lines]) {
    console.log(line.map((cell, i) => cell.padEnd(widths[i]!)).join('  '));
  }
  const folder = new URL('../../bench-results/', import.meta.url).pathname;
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${name}.json`);
  writeFileSync(path, `${JSON.stringify(rows, null, 2)}\n`);
  console.log(`\nwritten to bench-results/${name}.json`);
  return rows.every(withinLimit);
}
