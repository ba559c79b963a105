import { AbortedError, EndpointError, InvalidInputError, PolicyError } from '@spark-rl/core';

/** What a client is told when a request is not answered, in the form of OpenAI's API. */
export interface ErrorBody {
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly param: string | null;
    readonly code: string | null;
  };
}

/** A request that is refused, with the status that says so. */
export class ApiError extends Error {
  readonly status: number;
  readonly body: ErrorBody;
  constructor(
    status: number,
    message: string,
    {
      type = 'invalid_request_error',
      param = null,
      code = null,
    }: {
      readonly type?: string;
      readonly param?: string | null;
      readonly code?: string | null;
    } = {},
  ) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.body = { error: { message, type, param, code } };
  }
}

/**
 * What a client learns of an error. What it asked wrongly it is told in full; a policy that is busy or away is said to be so, since the
 * same request may succeed later; of everything else only that it happened, since the message may speak of this machine.
 */
export function apiError(cause: unknown): ApiError {
  if (cause instanceof ApiError) return cause;
  if (cause instanceof InvalidInputError)
    return new ApiError(400, cause.message, { param: cause.field ?? null });
  if (cause instanceof PolicyError && cause.field === 'prompt')
    return new ApiError(400, cause.message, { param: 'prompt' });
  if (cause instanceof AbortedError)
    return new ApiError(503, 'the server is stopping', { type: 'server_error' });
  if ((cause instanceof PolicyError || cause instanceof EndpointError) && cause.retryable)
    return new ApiError(503, 'the model could not answer now; try again', { type: 'server_error' });
  return new ApiError(500, 'the model failed; the log of the server says why', {
    type: 'server_error',
  });
}
