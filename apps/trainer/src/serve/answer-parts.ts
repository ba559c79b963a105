import type { SampledToken } from '@spark-rl/core';

import type { GenerationPlan } from './generation-plan.js';
import type { Choice } from './run-plan.js';
import type { ServedModel } from './served-model.js';
import { tokenNames, type TokenName } from './token-names.js';
import type { Usage } from './usage.js';

/** What every object of an answer carries. */
export interface AnswerHead {
  readonly id: string;
  readonly created: number;
  readonly model: string;
}

/** A part of one choice: all of it, or what came since the part before. */
export interface Piece {
  readonly index: number;
  readonly text: string;
  readonly tokens: readonly SampledToken[];
  /** Where in the response its text begins, for log-probabilities. */
  readonly offset: number;
  /** The whole choice, with the last part. */
  readonly done: Choice | null;
}

/** How one of the two kinds of completion writes its answers. */
export interface AnswerForm {
  /** Begins every id. */
  readonly idPrefix: string;
  readonly whole: (head: AnswerHead, pieces: readonly Piece[], usage: Usage) => object;
  /** The parts that a stream sends before the first text of a choice. */
  readonly opening: (head: AnswerHead, index: number) => readonly object[];
  readonly part: (head: AnswerHead, piece: Piece) => object;
  /** The last part of a stream, when usage was asked for. */
  readonly usage: (head: AnswerHead, usage: Usage) => object;
}

/** What both forms look up while they write. */
export interface AnswerContext {
  readonly plan: GenerationPlan;
  readonly name: (token: number) => TokenName;
  /** How much text a token stands for, in UTF-16 units. */
  readonly textLength: (token: number) => number;
}

export function answerContext(
  plan: GenerationPlan,
  { tokenizer }: Pick<ServedModel, 'tokenizer'>,
): AnswerContext {
  return {
    plan,
    name: tokenNames(tokenizer, plan.tokensAsIds),
    textLength: (token) =>
      tokenizer === undefined || tokenizer.endTokens.has(token)
        ? 0
        : tokenizer.decode([token]).length,
  };
}

/** Numbers as JSON has them; minus infinity, which it has not, is the least finite one. */
const finite = (values: Float32Array): number[] =>
  Array.from(values, (value) => (value === -Infinity ? -Number.MAX_VALUE : value));

/** What a request that asks something of SPARK learns beside the protocol; nothing for others. */
export function sparkPart(
  { extended }: Pick<GenerationPlan, 'extended'>,
  { generation, branched }: Choice,
): object {
  if (!extended) return {};
  const { policyVersion, entropies, logKept } = generation;
  return {
    spark: {
      policy_version: policyVersion,
      ...(entropies !== undefined && { entropies: finite(entropies) }),
      ...(logKept !== undefined && { log_kept: finite(logKept) }),
      ...(branched !== null && {
        chosen: branched.chosen,
        leaves: branched.leaves.map(({ generation: each, response, meanLogProb }) => ({
          text: each.text,
          valid: response.valid,
          mode: response.mode,
          action: response.action,
          tokens: each.responseTokens.length,
          mean_log_prob: meanLogProb,
        })),
      }),
    },
  };
}

/** `stop` or `length`; null before the last part. */
export const finishOf = (done: Choice | null): 'stop' | 'length' | null => {
  if (done === null) return null;
  return done.generation.finish === 'length' ? 'length' : 'stop';
};
