import { parseInput, type NodeId, type Scorer } from '@spark-rl/core';
import type { Engine, ParameterSet, ValueModel } from '@spark-rl/tensor';
import { z } from 'zod';

import { turnTokens } from './value-examples.js';
import { batchTokensSchema } from './value-options.js';
import { valueReader } from './value-reader.js';

export const valueReadingSchema = z.object({
  id: z.string().min(1).default('value'),
  batchTokens: batchTokensSchema,
});

/** A trained model of values, and how it is read. */
export interface ValueReadingOptions {
  readonly engine: Engine;
  readonly model: ValueModel;
  /** The weights, as the engine holds them; the caller disposes of them. */
  readonly parameters: ParameterSet;
  /** Default `value`. */
  readonly id?: string;
  /** The most padded tokens that go through the model at once; a single longer row goes alone. Default 8192. */
  readonly batchTokens?: number;
}

/** A scorer that holds a compiled program. */
export interface ValueScorer extends Scorer {
  readonly score: (...asked: Parameters<Scorer['score']>) => Promise<ReadonlyMap<NodeId, number>>;
  readonly dispose: () => void;
}

/**
 * A learned value as a scorer: rates every turn of a tree with the chance of success, in [0, 1], that the model sees once the turn's response
 * is written.
 *
 * @throws InvalidInputError naming a wrong option; from `score`: naming the turn that has no token ids, more than the model takes, or no finite
 * value; AbortedError
 */
export function valueScorer(options: ValueReadingOptions): ValueScorer {
  const { engine, model, parameters, ...given } = options;
  const { id, batchTokens } = parseInput(valueReadingSchema, given, 'options of valueScorer');
  const reader = valueReader(engine, model, batchTokens);
  return {
    id,
    score: async (tree, { signal } = {}) => {
      const turns = [...tree.turns.values()];
      const rows = turns.map((turn) => turnTokens(turn, tree.id));
      const nameOf = (row: number): string => `turn ${turns[row]!.id} of tree ${tree.id}`;
      const values = await reader.read(parameters, rows, { nameOf, signal });
      return new Map<NodeId, number>(turns.map((turn, i) => [turn.id, values[i]!]));
    },
    dispose: reader.dispose,
  };
}
