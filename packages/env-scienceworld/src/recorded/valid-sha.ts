import { hashText } from '@spark-rl/core';

/**
 * The first 16 hex digits of the SHA-256 of a list of valid actions, sorted and joined by newlines. Sorted by code units, which is by
 * code points, too: the simulator's words are ASCII.
 */
export const validShaOf = (actions: readonly string[]): string =>
  hashText([...actions].sort().join('\n')).slice(0, 16);
