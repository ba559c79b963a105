import { InvalidInputError, parseInput } from '@spark-rl/core';
import type { z } from 'zod';

import { unusableAnswer } from './admin-call.js';

/** Reads an answer as JSON of a form. Throws an EndpointError when it is not. */
export function readAnswer<Schema extends z.ZodType>(
  schema: Schema,
  text: string,
  where: string,
): z.output<Schema> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw unusableAnswer(where, 'no JSON');
  }
  try {
    return parseInput(schema, json, 'answer');
  } catch (cause) {
    throw unusableAnswer(where, cause instanceof InvalidInputError ? cause.message : String(cause));
  }
}
