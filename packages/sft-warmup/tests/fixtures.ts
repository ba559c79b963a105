import {
  observationText,
  randomSource,
  type AgentBrief,
  type AgentProtocol,
  type Expert,
  type PastTurn,
} from '@spark-rl/core';
import { plainProtocol } from '@spark-rl/core/testing';
import type { HostTensor, LanguageModel, Named } from '@spark-rl/tensor';

import type { ExampleTokenizer } from '../src/index.js';

export const brief: AgentBrief = { world: 'A corridor.', actions: [] };

/** Walks to the end of the corridor that it is told; explores at its first turn, as a matter of form. */
export const walker: Expert = {
  id: 'walker',
  begin: ({ instruction, key }) => {
    const direction = instruction === 'Go to 0.' ? 'left' : 'right';
    let wait = randomSource([...key, 'walker']).integer(2);
    let turn = 0;
    return {
      act: (observation) => {
        const mode = turn++ === 0 ? 'explore' : 'think';
        const action = wait-- > 0 ? 'wait' : direction;
        return { mode, reasoning: `so: ${observationText(observation)}`, action };
      },
    };
  },
};

/** An append-only protocol of the smallest kind. */
export const transcript: AgentProtocol = {
  ...plainProtocol(),
  id: 'transcript',
  prompt: ({ past, observation }) => {
    const last: PastTurn | undefined = past.at(-1);
    return {
      kind: 'transcript',
      segments:
        last === undefined
          ? [{ text: `${observation}\n` }]
          : [
              { tokens: last.generation.promptTokens },
              { tokens: last.generation.responseTokens },
              { text: `\n${observation}\n` },
            ],
    };
  },
};

export const END = 1;

/**
 * Splits text greedily into known pieces, so that a text and its parts are encoded differently: what begins a text matters.
 * Ids 2 and up are pieces, then characters.
 */
const pieces = ['\nYou', '>\n', 'You stand', '</', '<action>', 'th', 'in'];
export const tokenizer: ExampleTokenizer = {
  endOfSequence: END,
  encode: (text) => {
    const tokens: number[] = [];
    for (let at = 0; at < text.length;) {
      const piece = pieces.findIndex((candidate) => text.startsWith(candidate, at));
      tokens.push(piece >= 0 ? 2 + piece : 20 + (text.charCodeAt(at) % 100));
      at += piece >= 0 ? pieces[piece]!.length : 1;
    }
    return Int32Array.from(tokens);
  },
};

export const VOCABULARY = 6;

/** A bigram table as a language model: logits are the row of the last token. */
export const bigramModel: LanguageModel = {
  parameters: { table: [VOCABULARY, VOCABULARY] },
  vocabularySize: VOCABULARY,
  contextLength: 64,
  inputs: { tokens: { dtype: 'int32', shape: ['batch', 'time'] } },
  prepare: (tokens, batch, time) => ({
    tokens: { dtype: 'int32', shape: [batch, time], data: tokens },
  }),
  logits: (ops, parameters, inputs, positions) =>
    ops.gather(parameters['table']!, ops.gather(ops.reshape(inputs['tokens']!, [-1]), positions)),
};

export const zeroTable = (): Named<HostTensor> => ({
  table: {
    dtype: 'float32',
    shape: [VOCABULARY, VOCABULARY],
    data: new Float32Array(VOCABULARY * VOCABULARY),
  },
});
