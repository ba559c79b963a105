import { hashText } from '@spark-rl/core';

/** Orders texts by code point, as Python's `sorted` does. */
function byCodePoint(a: string, b: string): number {
  const left = [...a];
  const right = [...b];
  for (let i = 0; i < left.length && i < right.length; i++) {
    const difference = left[i]!.codePointAt(0)! - right[i]!.codePointAt(0)!;
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/** The first 16 hex digits of the SHA-256 of a list of valid actions, sorted and joined by newlines. */
export const validShaOf = (actions: readonly string[]): string =>
  hashText([...actions].sort(byCodePoint).join('\n')).slice(0, 16);
