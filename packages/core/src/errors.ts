/** What went wrong, in one word that code may switch on. */
export type SparkErrorCode =
  | 'invalid-input'
  | 'budget'
  | 'environment'
  | 'policy'
  | 'replay-mismatch'
  | 'engine-unavailable'
  | 'checkpoint'
  | 'endpoint'
  | 'run-store'
  | 'aborted';

/** What every error of this project says beside its message. */
export interface SparkErrorDetails {
  /** The field, file or option at fault. */
  readonly field?: string;
  /** The value found there. */
  readonly value?: unknown;
  /** What the reader can do about it, as an imperative sentence. */
  readonly remedy?: string;
  readonly cause?: unknown;
}

/** The base of all errors that this project throws on purpose: a code to switch on, the place, and a remedy. */
export class SparkError extends Error {
  readonly code: SparkErrorCode;
  readonly field: string | undefined;
  readonly value: unknown;
  readonly remedy: string | undefined;

  constructor(code: SparkErrorCode, message: string, details: SparkErrorDetails = {}) {
    super(
      details.remedy === undefined ? message : `${message}. ${details.remedy}`,
      details.cause === undefined ? undefined : { cause: details.cause },
    );
    this.name = 'SparkError';
    this.code = code;
    this.field = details.field;
    this.value = details.value;
    this.remedy = details.remedy;
  }
}

/** A value from outside (a file, an option, a call) is not what it must be. */
export class InvalidInputError extends SparkError {
  constructor(message: string, details: SparkErrorDetails = {}) {
    super('invalid-input', message, details);
    this.name = 'InvalidInputError';
  }
}

/** A budget was opened or used in a way that its rules do not allow. */
export class BudgetError extends SparkError {
  constructor(message: string, details: SparkErrorDetails = {}) {
    super('budget', message, details);
    this.name = 'BudgetError';
  }
}

/** An environment failed, or was asked for something it cannot do (a step after the end, an unknown task). */
export class EnvironmentError extends SparkError {
  constructor(message: string, details: SparkErrorDetails = {}) {
    super('environment', message, details);
    this.name = 'EnvironmentError';
  }
}

/** A policy could not answer. `retryable` says whether the same call may succeed later. */
export class PolicyError extends SparkError {
  readonly retryable: boolean;
  constructor(message: string, details: SparkErrorDetails & { readonly retryable?: boolean } = {}) {
    super('policy', message, details);
    this.name = 'PolicyError';
    this.retryable = details.retryable ?? false;
  }
}

/** An engine cannot run here; the remedy says what to install or choose instead. */
export class EngineUnavailableError extends SparkError {
  constructor(message: string, details: SparkErrorDetails = {}) {
    super('engine-unavailable', message, details);
    this.name = 'EngineUnavailableError';
  }
}

/** A checkpoint is missing, damaged, or belongs to another model. */
export class CheckpointError extends SparkError {
  constructor(message: string, details: SparkErrorDetails = {}) {
    super('checkpoint', message, details);
    this.name = 'CheckpointError';
  }
}

/** A run folder cannot be written, read or continued. */
export class RunStoreError extends SparkError {
  constructor(message: string, details: SparkErrorDetails = {}) {
    super('run-store', message, details);
    this.name = 'RunStoreError';
  }
}

/** A server did not answer, or not as it must. `retryable` says whether the same call may succeed later. */
export class EndpointError extends SparkError {
  readonly retryable: boolean;
  /** The HTTP status, where there was one. */
  readonly status: number | undefined;
  /** How long the server asked to wait before the next call, ms. */
  readonly retryAfterMs: number | undefined;
  constructor(
    message: string,
    details: SparkErrorDetails & {
      readonly retryable: boolean;
      readonly status?: number;
      readonly retryAfterMs?: number | undefined;
    },
  ) {
    super('endpoint', message, details);
    this.name = 'EndpointError';
    this.retryable = details.retryable;
    this.status = details.status;
    this.retryAfterMs = details.retryAfterMs;
  }
}

/** The caller asked to stop. Not a failure: whoever catches it cleans up and stops. */
export class AbortedError extends SparkError {
  constructor(message = 'the work was stopped', details: SparkErrorDetails = {}) {
    super('aborted', message, details);
    this.name = 'AbortedError';
  }
}

/** Throws an {@link AbortedError} when `signal` has been aborted. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new AbortedError('the work was stopped', { cause: signal.reason });
}
