import {
  conversationBefore,
  InvalidInputError,
  parseInput,
  type JsonValue,
  type Message,
  type NodeId,
  type Scorer,
  type Tree,
  type Turn,
} from '@spark-rl/core';
import {
  endpointClient,
  endpointOptionsSchema,
  type EndpointOptions,
} from '@spark-rl/core/endpoint';
import { z } from 'zod';

import { checkScore } from './function-scorer.js';

const optionsSchema = endpointOptionsSchema.extend({
  id: z.string().min(1).default('endpoint'),
  batchSize: z.int().min(1).default(16),
});

/** What is asked about a batch of turns, and how the answer is read; for servers with a form of their own. */
export interface ScoringForm {
  readonly request: (turns: readonly Turn[], tree: Tree) => JsonValue;
  /** As many numbers as turns, in their order; InvalidInputError where the answer is none. */
  readonly read: (answer: unknown, turns: readonly Turn[]) => readonly number[];
}

/** Where the model is and how it is called (see `EndpointOptions`); `batchSize` turns are asked about in one call. */
export type EndpointScorerOptions = EndpointOptions & {
  readonly id?: string;
  readonly batchSize?: number;
  readonly form?: ScoringForm;
};

const conversation = (tree: Tree, turn: Turn): readonly Message[] => [
  ...conversationBefore(tree, turn),
  { role: 'assistant', content: turn.generation.text },
];

/** `{ conversations: [[{ role, content }, ...], ...] }` is answered by `{ scores: [...] }`. */
const plainForm: ScoringForm = {
  request: (turns, tree) => ({
    conversations: turns.map((turn) =>
      conversation(tree, turn).map(({ role, content }) => ({ role, content })),
    ),
  }),
  read: (answer) =>
    parseInput(z.object({ scores: z.array(z.number()) }), answer, 'answer of the scorer').scores,
};

function batches<Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  );
}

/**
 * A reward model behind an HTTP endpoint as a scorer: every turn is sent as the chat up to and with its response, and gets a number back.
 * Calls are retried, timed and limited as `endpointClient` of core does it.
 *
 * @throws InvalidInputError naming a wrong option; from `score`: EndpointError when no usable answer comes, AbortedError
 */
export function endpointScorer(options: EndpointScorerOptions): Scorer {
  const { form = plainForm, ...given } = options;
  const { id, batchSize, ...how } = parseInput(optionsSchema, given, 'options of endpointScorer');
  const client = endpointClient(how);
  return {
    id,
    score: async (tree, { signal } = {}) => {
      const stop = new AbortController();
      const either = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
      const ask = (turns: readonly Turn[]): Promise<readonly number[]> =>
        client.post({
          body: form.request(turns, tree),
          read: (answer) => {
            const scores = form.read(answer, turns);
            if (scores.length === turns.length) return scores;
            throw new InvalidInputError(
              `there are ${scores.length} scores for ${turns.length} turns`,
              { field: 'scores', value: scores.length, remedy: 'Give one score a turn.' },
            );
          },
          key: ['score', tree.id, turns[0]!.id],
          signal: either,
        });
      const asked = batches([...tree.turns.values()], batchSize);
      const answers = await Promise.all(asked.map(ask)).catch((cause: unknown) => {
        // Without one batch the others are of no use: ask for no more.
        stop.abort();
        throw cause;
      });
      return new Map<NodeId, number>(
        asked.flatMap((turns, i) =>
          turns.map(
            (turn, j) => [turn.id, checkScore(answers[i]![j]!, id, tree, turn.id)] as const,
          ),
        ),
      );
    },
  };
}
