import { Presets, SingleBar } from 'cli-progress';

/** Where a command writes. Injected, so that tests read what a user would see. */
export interface Output {
  readonly write: (text: string) => void;
  /** Whether bars may be drawn over: a terminal, not a pipe or a log. */
  readonly interactive: boolean;
  /** In CI nobody watches: work says that it begins and what came of it, and nothing in between. */
  readonly quiet?: boolean;
  /** Where errors go; where it is missing, they go where everything goes. */
  readonly writeError?: (text: string) => void;
  /** Present where `--json` was given: takes what a program reads. See `result.ts`. */
  readonly json?: (value: unknown, form: 'document' | 'line') => void;
}

const isCi = !['', '0', 'false'].includes(process.env['CI'] ?? '');

/** The terminal, or whatever standard output is connected to. */
export const standardOutput: Output = {
  write: (text) => void process.stdout.write(text),
  writeError: (text) => void process.stderr.write(text),
  interactive: process.stdout.isTTY && !isCi,
  quiet: isCi,
};

/** How far a long piece of work has come. */
export interface Progress {
  /** Sets the position, with a few words on how it goes. */
  readonly update: (done: number, note?: string) => void;
  readonly stop: (note?: string) => void;
}

const HOUR = 3600;
const DAY = 24 * HOUR;

/** Seconds as `42 s`, `3 min 05 s`, `5 h 20 min`, or days from two on. */
export function formatSeconds(seconds: number): string {
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const whole = Math.round(seconds);
  if (whole >= 2 * DAY) return `${formatCount(whole / DAY)} days`;
  if (whole >= 2 * HOUR)
    return `${Math.floor(whole / HOUR)} h ${String(Math.floor((whole % HOUR) / 60)).padStart(2, '0')} min`;
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
}

/** A count with thousands separated: 1234567 -> `1,234,567`. */
export const formatCount = (count: number): string => Math.round(count).toLocaleString('en-US');

const LINES = 5;

/**
 * How long work will still take, by how fast it went since it was first heard of: what a resumed run had done before took no time now.
 *
 * @returns seconds; undefined as long as nothing can be said
 */
export function timeLeft(
  first: { readonly done: number; readonly at: number } | undefined,
  now: { readonly done: number; readonly at: number },
  total: number,
): number | undefined {
  if (first === undefined || now.done <= first.done || now.at <= first.at) return undefined;
  return ((now.at - first.at) * (total - now.done)) / (now.done - first.done);
}

/**
 * Shows the progress of long work: a bar on a terminal; on a pipe, a plain line each time another fifth is done, so that a log
 * stays short and still shows life; in CI neither.
 *
 * @param total - the position at which the work is done
 */
export function startProgress(output: Output, title: string, total: number): Progress {
  const started = performance.now();
  const seconds = (): number => (performance.now() - started) / 1000;
  let first: { readonly done: number; readonly at: number } | undefined;
  const left = (done: number): string => {
    const now = { done, at: seconds() };
    const rest = timeLeft(first, now, total);
    first ??= now;
    return rest === undefined ? '' : `${formatSeconds(rest)} left`;
  };
  if (output.interactive) {
    const bar = new SingleBar(
      {
        format: `${title.padEnd(18)} {bar} {percentage}% {duration_formatted} {left} {note}`,
        barsize: 20,
        hideCursor: true,
        stopOnComplete: false,
        clearOnComplete: false,
      },
      Presets.shades_grey,
    );
    bar.start(total, 0, { note: '', left: '' });
    return {
      update: (done, note = '') => bar.update(Math.min(done, total), { note, left: left(done) }),
      stop: (note) => {
        if (note !== undefined) bar.update(total, { note, left: '' });
        bar.stop();
      },
    };
  }
  let shown = 0;
  output.write(`${title} ...\n`);
  return {
    update: (done, note = '') => {
      const rest = left(done);
      const reached = Math.floor((LINES * Math.min(done, total)) / total);
      if (output.quiet === true || reached <= shown || reached >= LINES) return;
      shown = reached;
      output.write(
        `  ${Math.round((100 * done) / total)} % after ${formatSeconds(seconds())}${rest === '' ? '' : `, ${rest}`}${note === '' ? '' : `: ${note}`}\n`,
      );
    },
    stop: (note) => {
      if (note !== undefined) output.write(`  done in ${formatSeconds(seconds())}: ${note}\n`);
    },
  };
}
