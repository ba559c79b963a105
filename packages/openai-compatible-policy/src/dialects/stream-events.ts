import { EndpointError, InvalidInputError, parseInput, type JsonValue } from '@spark-rl/core';
import { z } from 'zod';

const errorSchema = z.object({
  error: z.object({ message: z.string(), code: z.union([z.int(), z.string()]).nullish() }),
});

/**
 * The events of an OpenAI-style stream. A server that fails while it streams can no longer change its status, and sends an error as an event.
 *
 * @throws EndpointError when an event is an error; InvalidInputError when one is not what it must be
 */
export function readStream<Schema extends z.ZodType>(
  schema: Schema,
  answer: JsonValue,
  what: string,
): readonly z.output<Schema>[] {
  if (!Array.isArray(answer))
    throw new InvalidInputError(`${what}: it is no stream`, { field: what });
  return (answer as readonly JsonValue[]).map((event) => {
    const failed = errorSchema.safeParse(event);
    if (!failed.success) return parseInput(schema, event, what);
    const { message, code } = failed.data.error;
    throw new EndpointError(`the server broke off its answer: ${message}`, {
      field: 'answer',
      retryable: typeof code !== 'number' || code >= 500,
    });
  });
}
