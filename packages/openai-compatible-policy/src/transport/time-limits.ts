import { z } from 'zod';

/** The schema of {@link TimeLimits}. */
export const timeLimitsSchema = z.strictObject({
  connectMs: z.number().min(1).default(10_000),
  headersMs: z.number().min(1).default(600_000),
  stallMs: z.number().min(1).default(60_000),
  totalMs: z.number().min(1).default(600_000),
});

/**
 * How long a try may take: until the server is connected, until its answer begins, between two pieces of the answer, and altogether. A
 * server that does not stream begins to answer when the response is complete, so `headersMs` must allow for the longest one.
 */
export type TimeLimits = z.output<typeof timeLimitsSchema>;

/** Stops a try that takes too long, and says which limit it broke. */
export interface Watch {
  readonly signal: AbortSignal;
  /** Starts the limit for the next piece anew. */
  readonly expect: (what: 'headers' | 'stall') => void;
  /** Which limit was broken, in words; undefined while none was. */
  readonly late: () => string | undefined;
  readonly end: () => void;
}

/** Watches over one try. */
export function watchTime(limits: TimeLimits): Watch {
  const controller = new AbortController();
  let late: string | undefined;
  const after = (ms: number, reason: string): NodeJS.Timeout =>
    setTimeout(() => {
      late ??= reason;
      controller.abort();
    }, ms);
  const total = after(limits.totalMs, `took longer than ${limits.totalMs} ms altogether`);
  let next: NodeJS.Timeout | undefined;
  return {
    signal: controller.signal,
    expect: (what) => {
      clearTimeout(next);
      next =
        what === 'headers'
          ? after(limits.headersMs, `did not begin to answer within ${limits.headersMs} ms`)
          : after(limits.stallMs, `stopped in the middle of its answer for ${limits.stallMs} ms`);
    },
    late: () => late,
    end: () => {
      clearTimeout(total);
      clearTimeout(next);
    },
  };
}
