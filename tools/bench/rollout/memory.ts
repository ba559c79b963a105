import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { benchRow, type BenchRow } from '../report.js';

const SIZES = [2500, 5000, 10_000] as const;
/** Constant, but for what the collector leaves lying about. */
const SLACK = 1.05;

/** What the trees of so many tasks hold. */
export interface MemoryReport {
  readonly tasks: number;
  /** Unique turns in all trees. */
  readonly turns: number;
  readonly bytesPerTurn: number;
  /** While the trees were growing, per turn taken so far: the paths that go on are held too. */
  readonly bytesPerTurnHalfWay: number;
}

/** In a process of its own, so that nothing else is on the heap. */
const measure = (tasks: number): MemoryReport =>
  JSON.parse(
    execFileSync(
      process.execPath,
      [
        '--expose-gc',
        '--conditions=@spark-rl/source',
        '--import',
        'tsx',
        fileURLToPath(new URL('memory-child.ts', import.meta.url)),
        String(tasks),
      ],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
    ),
  ) as MemoryReport;

const sized = (tasks: number): string => `${tasks.toLocaleString('en-US')} tasks`;

/** Heap bytes per unique turn as the number of tasks grows: constant where memory is linear in unique turns. */
export function benchMemory(): readonly BenchRow[] {
  const [first, ...others] = SIZES.map(measure);
  if (first === undefined) throw new RangeError('no sizes to measure');
  for (const { tasks, turns } of [first, ...others])
    console.log(`${sized(tasks)} at once: ${turns.toLocaleString('en-US')} unique turns`);
  console.log();
  return others.flatMap((report) =>
    (
      [
        ['finished trees', 'bytesPerTurn'],
        ['half way', 'bytesPerTurnHalfWay'],
      ] as const
    ).map(([when, field]) =>
      benchRow({
        metric: `heap per unique turn, ${when}, ${sized(report.tasks)} at once`,
        value: report[field],
        unit: 'bytes',
        better: 'lower',
        limit: SLACK * first[field],
        peer: sized(first.tasks),
        peerValue: first[field],
      }),
    ),
  );
}
