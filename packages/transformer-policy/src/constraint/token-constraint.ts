import type { TextConstraint } from '@spark-rl/core';

import type { TokenBytes } from './token-bytes.js';

/** A language of texts as a language of tokens. */
export interface TokenConstraint {
  readonly start: number;
  /**
   * The tokens that may come next, in the order of their ids: those whose bytes some text of the language goes on with, and the ends of
   * sequence where the text may end. Empty when the vocabulary cannot spell what must come.
   */
  readonly allowed: (state: number) => Int32Array;
  /** The state after an allowed token. */
  readonly advance: (state: number, token: number) => number;
}

/** How many ids may be remembered for one constraint: a language of many states over a large vocabulary would fill the memory. */
const MOST_REMEMBERED = 2 ** 24;

/**
 * Lifts a constraint from bytes to tokens. Tokens are tried in the order of their bytes, so what they share is read once, and what fails
 * for a beginning fails for all that begin so. What is allowed in a state is found when it is first asked for, and remembered.
 */
export function tokenConstraint(
  constraint: TextConstraint,
  tokens: TokenBytes,
  ends: readonly number[],
): TokenConstraint {
  const { ids, bytes, starts, shared, places } = tokens;
  const remembered = new Map<number, Int32Array>();
  let held = 0;
  const isAllowed = new Uint8Array(Math.max(places.length, ...ends.map((id) => id + 1)));

  const find = (state: number): Int32Array => {
    isAllowed.fill(0);
    /** The state after each number of bytes of the token at hand. */
    const states = [state];
    /** At which byte the last token that failed did. */
    let failed = Infinity;
    for (let at = 0; at < ids.length; at++) {
      const common = shared[at]!;
      if (common > failed) continue;
      failed = Infinity;
      const start = starts[at]!;
      const length = starts[at + 1]! - start;
      for (let i = common; i < length; i++) {
        const next = constraint.next(states[i]!, bytes[start + i]!);
        if (next < 0) {
          failed = i;
          break;
        }
        states[i + 1] = next;
      }
      if (failed === Infinity) isAllowed[ids[at]!] = 1;
    }
    // An end of sequence has no text, whatever the vocabulary calls it.
    const mayEnd = constraint.accepts(state) ? 1 : 0;
    for (const end of ends) isAllowed[end] = mayEnd;
    let count = 0;
    for (const allowed of isAllowed) count += allowed;
    const found = new Int32Array(count);
    for (let id = 0, place = 0; place < count; id++) if (isAllowed[id] === 1) found[place++] = id;
    return found;
  };

  return {
    start: constraint.start,
    allowed: (state) => {
      let allowed = remembered.get(state);
      if (allowed !== undefined) return allowed;
      allowed = find(state);
      held += allowed.length;
      if (held > MOST_REMEMBERED) {
        remembered.clear();
        held = allowed.length;
      }
      remembered.set(state, allowed);
      return allowed;
    },
    advance: (state, token) => {
      const place = places[token] ?? -1;
      let next = state;
      if (place >= 0 && !ends.includes(token))
        for (let i = starts[place]!; i < starts[place + 1]!; i++)
          next = constraint.next(next, bytes[i]!);
      return next;
    },
  };
}

/** Lifts constraints for one vocabulary; what was found for a constraint is kept as long as the constraint itself. */
export function constraintLifter(
  tokens: () => TokenBytes,
  ends: readonly number[],
): (constraint: TextConstraint) => TokenConstraint {
  const lifted = new WeakMap<TextConstraint, TokenConstraint>();
  let vocabulary: TokenBytes | undefined;
  return (constraint) => {
    let found = lifted.get(constraint);
    if (found === undefined) {
      vocabulary ??= tokens();
      found = tokenConstraint(constraint, vocabulary, ends);
      lifted.set(constraint, found);
    }
    return found;
  };
}
