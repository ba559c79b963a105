import { InvalidArgumentError } from 'commander';

/** Reads an option that is a whole number from 0. @throws InvalidArgumentError for anything else */
export function wholeNumber(text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (!Number.isSafeInteger(value)) throw new InvalidArgumentError('Give a whole number from 0.');
  return value;
}

/** Reads an option that is a whole number from 1. @throws InvalidArgumentError for anything else */
export function positiveNumber(text: string): number {
  const value = wholeNumber(text);
  if (value < 1) throw new InvalidArgumentError('Give a whole number from 1.');
  return value;
}
