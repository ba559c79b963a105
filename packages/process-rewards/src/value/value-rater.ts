import {
  AbortedError,
  onAbort,
  parseInput,
  throwIfAborted,
  type TurnRater,
  type TurnRating,
} from '@spark-rl/core';

import { checkLength } from './value-batches.js';
import { turnTokens } from './value-examples.js';
import { valueReader } from './value-reader.js';
import { valueReadingSchema, type ValueReadingOptions } from './value-scorer.js';

/** A rater that holds a compiled program. */
export interface ValueRater extends TurnRater {
  readonly rate: (...asked: Parameters<TurnRater['rate']>) => Promise<TurnRating>;
  readonly dispose: () => void;
}

/** A turn that waits for its value. */
interface Call {
  readonly tokens: Int32Array;
  readonly name: string;
  readonly resolve: (value: number) => void;
  readonly reject: (cause: unknown) => void;
}

/**
 * A learned value as a rater: says of a turn, as soon as it is taken, the chance of success in [0, 1] that the model sees once its response is
 * written. It takes no tokens of the budget. Turns that wait at the same time go through the model together; on an engine that is
 * `batchInvariant` that changes no value.
 *
 * @throws InvalidInputError naming a wrong option; from `rate`: naming the turn that has no token ids, more than the model takes, or no finite
 * value; AbortedError
 */
export function valueRater(options: ValueReadingOptions): ValueRater {
  const { engine, model, parameters, ...given } = options;
  const { id, batchTokens } = parseInput(valueReadingSchema, given, 'options of valueRater');
  const reader = valueReader(engine, model, batchTokens);
  let waiting: Call[] = [];
  let working = false;

  const readTogether = async (calls: readonly Call[]): Promise<void> => {
    const rows = calls.map(({ tokens }) => tokens);
    const nameOf = (row: number): string => calls[row]!.name;
    try {
      const values = await reader.read(parameters, rows, { nameOf });
      for (const [i, { resolve }] of calls.entries()) resolve(values[i]!);
    } catch (cause) {
      for (const { reject } of calls) reject(cause);
    }
  };
  const work = async (): Promise<void> => {
    working = true;
    while (waiting.length > 0) {
      // Whoever asks before this goes on is answered with the others.
      await Promise.resolve();
      const calls = waiting;
      waiting = [];
      await readTogether(calls);
    }
    working = false;
  };
  const valueOf = async (
    tokens: Int32Array,
    name: string,
    signal: AbortSignal | undefined,
  ): Promise<number> => {
    let listenNoMore = (): void => undefined;
    try {
      return await new Promise<number>((resolve, reject) => {
        const call: Call = { tokens, name, resolve, reject };
        listenNoMore = onAbort(signal, () => {
          waiting = waiting.filter((other) => other !== call);
          reject(new AbortedError('the work was stopped', { cause: signal?.reason }));
        });
        waiting.push(call);
        if (!working) void work();
      });
    } finally {
      listenNoMore();
    }
  };

  return {
    id,
    maxTokens: 0,
    rate: async ({ turn }, { signal } = {}) => {
      throwIfAborted(signal);
      const name = `turn ${turn.id}`;
      const tokens = turnTokens(turn);
      checkLength(tokens, model.contextLength, name);
      return { value: await valueOf(tokens, name, signal), tokens: 0 };
    },
    dispose: reader.dispose,
  };
}
