import type { Sampling, TextConstraint } from '@spark-rl/core';
import { z } from 'zod';

import { truncates } from './likeliest.js';

const textConstraint = z.custom<TextConstraint>(
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    typeof (value as TextConstraint).start === 'number' &&
    typeof (value as TextConstraint).next === 'function' &&
    typeof (value as TextConstraint).accepts === 'function',
  'expected a text constraint (an object with id, start, next, accepts)',
);

/** What {@link Sampling} may be. Fields that this policy does not know are let through: other policies may read them. */
export const samplingSchema = z
  .object({
    temperature: z.number().min(0).max(2),
    maxTokens: z.int().positive(),
    topK: z.int().min(1).optional(),
    topP: z.number().gt(0).max(1).optional(),
    minP: z.number().min(0).max(1).optional(),
    stop: z.array(z.string().min(1)).optional(),
    includeStop: z.boolean().optional(),
    constraint: textConstraint.optional(),
  })
  .refine(({ stop = [], constraint }) => stop.length === 0 || constraint === undefined, {
    path: ['stop'],
    error: 'expected none beside a constraint, which says itself where a response may end',
  });

/** Whether responses are drawn from less than the whole distribution. */
export const narrows = (sampling: Sampling): boolean =>
  sampling.constraint !== undefined || truncates(sampling);
