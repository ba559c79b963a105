import { z } from 'zod';

const isId = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 0;

/** A list of token ids. Prompts have thousands of them, so that they are looked at in one loop. */
export const tokenIds = z.custom<readonly number[]>(
  (value) => Array.isArray(value) && value.every(isId),
  'expected a list of token ids, whole numbers from 0',
);

/** A list of numbers, or of nothing where there is none. */
export const numbersOrNull = z.custom<readonly (number | null)[]>(
  (value) =>
    Array.isArray(value) && value.every((each) => each === null || typeof each === 'number'),
  'expected a list of numbers',
);

/** A list of texts. */
export const texts = z.custom<readonly string[]>(
  (value) => Array.isArray(value) && value.every((each) => typeof each === 'string'),
  'expected a list of texts',
);
