import { PolicyError, type Turn, type TurnRating } from '@spark-rl/core';

import { attempt } from './attempt.js';
import { LostError } from './lost.js';
import type { Path } from './path.js';
import type { TurnContext } from './take-turn.js';

/** Refuses a rating that nothing can be computed with, or that cost more than was reserved. */
function checkRating(rating: TurnRating, id: string, maxTokens: number): TurnRating {
  const { value, tokens } = rating;
  if (!Number.isFinite(value)) {
    throw new PolicyError(`rater ${id} gave ${String(value)}`, {
      field: 'value',
      remedy: 'Give a finite number.',
    });
  }
  if (!Number.isInteger(tokens) || tokens < 0 || tokens > maxTokens) {
    throw new PolicyError(`a rating of ${id} took ${String(tokens)} tokens`, {
      field: 'tokens',
      remedy: `Give a whole number from 0 to its maxTokens, ${maxTokens}.`,
    });
  }
  return { value, tokens };
}

/**
 * Asks the rater, when there is one, about a turn just taken. A rater that stays broken loses no path: the turn goes on without a
 * rating, and is charged as if it had cost the most.
 */
export async function rateTurn<State>(
  context: TurnContext<State>,
  path: Path<State>,
  turn: Turn,
): Promise<Turn> {
  const { options, signal, onRetry } = context;
  const { rater, calls } = options;
  if (rater === undefined) return turn;
  try {
    const rating = await attempt(calls.rater, {
      where: 'rater',
      make: async (stop) =>
        checkRating(
          await rater.rate({ turn, path: [...path.turns, turn] }, { signal: stop }),
          rater.id,
          rater.maxTokens,
        ),
      signal,
      onRetry: (retry, error) => onRetry(path.id, 'rater', retry, error),
    });
    return { ...turn, rating };
  } catch (error) {
    if (error instanceof LostError) return turn;
    throw error;
  }
}
