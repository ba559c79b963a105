import {
  finishOf,
  sparkPart,
  type AnswerContext,
  type AnswerForm,
  type Piece,
} from './answer-parts.js';
import { completionLogProbs } from './completion-logprobs.js';

/** Answers of `/v1/completions`. */
export function completionForm({ plan, name, textLength }: AnswerContext): AnswerForm {
  const { topLogProbs, tokenIds } = plan;
  const choice = ({ index, text, tokens, offset, done }: Piece): object => ({
    index,
    text,
    logprobs:
      topLogProbs === null
        ? null
        : completionLogProbs(tokens, name, textLength, topLogProbs > 0, offset),
    finish_reason: finishOf(done),
    ...(tokenIds && { token_ids: tokens.map(({ token }) => token) }),
    ...(tokenIds &&
      done !== null && { prompt_token_ids: Array.from(done.generation.promptTokens) }),
    ...(done !== null && sparkPart(plan, done)),
  });
  const object = 'text_completion';
  const fingerprint = (done: Piece['done']) => ({
    system_fingerprint: done?.generation.policyVersion ?? null,
  });
  return {
    idPrefix: 'cmpl-',
    whole: (head, pieces, usage) => ({
      ...head,
      object,
      ...fingerprint(pieces[0]?.done ?? null),
      choices: pieces.map(choice),
      usage,
    }),
    opening: () => [],
    part: (head, piece) => ({
      ...head,
      object,
      ...fingerprint(piece.done),
      choices: [choice(piece)],
    }),
    usage: (head, usage) => ({ ...head, object, choices: [], usage }),
  };
}
