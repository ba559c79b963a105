import type { BranchingCriterion } from '@spark-rl/core';
import { z } from 'zod';

import type { Signal } from './signals/signal.js';

// What the options of several factories have in common. Criteria and signals are objects with functions: only their shape is checked.

const has = (value: unknown, name: string, type: 'string' | 'number' | 'function'): boolean =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as Record<string, unknown>)[name] === type;

/** A branching criterion, by its shape. */
export const criterionSchema = z.custom<BranchingCriterion>(
  (value) =>
    has(value, 'id', 'string') &&
    has(value, 'maxWidth', 'number') &&
    has(value, 'decide', 'function'),
  'expected a criterion: { id, maxWidth, decide }',
);

/** A signal, by its shape. */
export const signalSchema = z.custom<Signal>(
  (value) => has(value, 'id', 'string') && has(value, 'value', 'function'),
  'expected a signal: { id, value }',
);

/** A function. Its own types are those of the options' interface. */
export const functionSchema = <F extends (...values: never[]) => unknown>(): z.ZodType<F, F> =>
  z.custom<F>((value) => typeof value === 'function', 'expected a function');

/** A number of turns, forks, children or rounds: a whole number of at least 1. */
export const countSchema = z.int().min(1);
