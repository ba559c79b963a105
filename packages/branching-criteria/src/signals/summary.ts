import { z } from 'zod';

/** How the values of a response's tokens become one number: their mean, or the largest. */
export const overSchema = z.enum(['mean', 'max']);

/** How the values of a response's tokens become one number: their mean, or the largest. */
export type Over = z.output<typeof overSchema>;

/** The mean or the largest of some numbers; null when there are none. */
export function summarise(values: Iterable<number>, over: Over): number | null {
  let count = 0;
  let sum = 0;
  let largest = -Infinity;
  for (const value of values) {
    count++;
    sum += value;
    // One by one: a response may have more tokens than a call may have arguments.
    largest = Math.max(largest, value);
  }
  if (count === 0) return null;
  return over === 'mean' ? sum / count : largest;
}
