import { AbortedError, type Leaf } from '@spark-rl/core';

/** What a path can be lost to. */
export type LostTo = NonNullable<Leaf['lostTo']>;

/** A call stayed broken after its repetitions: the leaf that needed it is lost. */
export class LostError extends Error {
  readonly lostTo: LostTo;
  constructor(lostTo: LostTo, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'LostError';
    this.lostTo = lostTo;
  }
}

/** What an error says, in one line. */
export const describe = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error);

// By code, not by class: an ESM and a CommonJS copy of core may both be loaded.
export const isAborted = (error: unknown): boolean =>
  error instanceof AbortedError || (error as { code?: unknown } | null)?.code === 'aborted';
