import { InvalidInputError, parseInput } from '@spark-rl/core';
import { z } from 'zod';

import type { Library } from './library.js';

const required = z.string().min(1);
const placeSchema = z.object({ run: required, set: required, file: required });

const queries = {
  '/api/runs': z.object({}),
  '/api/run': z.object({ run: required }),
  '/api/metrics': z.object({ run: required, offset: z.coerce.number().int().min(0).default(0) }),
  '/api/trees': z.object({ run: required, set: required }),
  '/api/tree': placeSchema,
  '/api/turn': placeSchema.extend({ node: required }),
  '/api/same-task': placeSchema,
} as const;

/**
 * Answers a request for data.
 *
 * @param path - such as `/api/tree`
 * @returns what the answer says as JSON
 * @throws InvalidInputError when there is no such path, or a parameter is wrong
 */
export async function answer(
  library: Library,
  path: string,
  parameters: URLSearchParams,
): Promise<unknown> {
  const read = <Schema extends z.ZodType>(schema: Schema): z.output<Schema> =>
    parseInput(schema, Object.fromEntries(parameters), path);
  switch (path) {
    case '/api/runs':
      return library.runs();
    case '/api/run':
      return library.run(read(queries[path]).run);
    case '/api/metrics': {
      const { run, offset } = read(queries[path]);
      return library.metrics(run, offset);
    }
    case '/api/trees': {
      const { run, set } = read(queries[path]);
      return library.trees(run, set);
    }
    case '/api/tree':
      return library.tree(read(queries[path]));
    case '/api/turn': {
      const { node, ...place } = read(queries[path]);
      return library.turn(place, node);
    }
    case '/api/same-task':
      return library.sameTask(read(queries[path]));
    default:
      throw new InvalidInputError(`there is no ${path}`, {
        field: 'path',
        value: path,
        remedy: `Ask for one of: ${Object.keys(queries).join(', ')}.`,
      });
  }
}
