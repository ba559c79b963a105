import { open } from 'node:fs/promises';

import { currentMetricName } from '@spark-rl/run-store';
import { z } from 'zod';

import type { MetricsChunk, MetricsPoint, Problem } from '../shared/views.js';
import { messageOf } from './json-file.js';

const NEWLINE = 0x0a;

/** At most so much is read at once, so that the first answer comes soon; the next call goes on. */
const MOST_BYTES = 8 * 2 ** 20;

const rowSchema = z.looseObject({
  phase: z.string().default('run'),
  step: z.number().default(NaN),
});

/** One row as a point, under the names that its metrics have now; what is no number is left out. */
function pointOf(row: unknown): MetricsPoint {
  const { phase, step, ...rest } = rowSchema.parse(row);
  const values = Object.entries(rest).flatMap(([name, value]) =>
    typeof value === 'number' ? [[currentMetricName(name), value] as const] : [],
  );
  return { phase, step, values: Object.fromEntries(values) };
}

/** Reads rows from the lines of a metrics file; a damaged line is named and left out. */
export function parseMetrics(
  text: string,
  place: (line: number) => string,
): Pick<MetricsChunk, 'points' | 'problems'> {
  const points: MetricsPoint[] = [];
  const problems: Problem[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    try {
      points.push(pointOf(JSON.parse(line)));
    } catch {
      problems.push({ place: place(index + 1), reason: 'the line is not a row of measurements' });
    }
  }
  return { points, problems };
}

/**
 * What a growing metrics file gained since `offset`: the complete lines only, since a last line without its line break is still being
 * written. A file that is shorter than the offset was begun anew, and is read from its start.
 *
 * @param offset - in bytes, as the last chunk gave it; 0 at first
 */
export async function readMetricsChunk(path: string, offset: number): Promise<MetricsChunk> {
  try {
    const handle = await open(path, 'r');
    try {
      const { size } = await handle.stat();
      const restarted = offset > size;
      const start = restarted ? 0 : offset;
      const bytes = Buffer.alloc(Math.min(size - start, MOST_BYTES));
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, start);
      const end = bytes.subarray(0, bytesRead).lastIndexOf(NEWLINE) + 1;
      const place = (line: number): string =>
        start === 0 ? `metrics.jsonl:${line}` : `metrics.jsonl, line ${line} from byte ${start} on`;
      return {
        ...parseMetrics(bytes.toString('utf8', 0, end), place),
        offset: start + end,
        restarted,
      };
    } finally {
      await handle.close();
    }
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT')
      return { points: [], offset: 0, restarted: offset > 0, problems: [] };
    const problem = { place: 'metrics.jsonl', reason: messageOf(cause) };
    return { points: [], offset, restarted: false, problems: [problem] };
  }
}

/** All that there is, chunk after chunk. */
export async function readAllMetrics(
  readChunk: (offset: number) => Promise<MetricsChunk>,
): Promise<MetricsChunk> {
  let all = await readChunk(0);
  for (;;) {
    const next = await readChunk(all.offset);
    if (next.restarted || next.offset === all.offset) return all;
    all = {
      ...next,
      points: [...all.points, ...next.points],
      problems: [...all.problems, ...next.problems],
    };
  }
}
