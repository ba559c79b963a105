import {
  finishOf,
  sparkPart,
  type AnswerContext,
  type AnswerForm,
  type Piece,
} from './answer-parts.js';
import { chatLogProbs } from './chat-logprobs.js';

/** Answers of `/v1/chat/completions`. */
export function chatForm({ plan, name }: AnswerContext): AnswerForm {
  const { topLogProbs, tokenIds } = plan;
  const rest = ({ tokens, done }: Piece): object => ({
    logprobs: topLogProbs === null ? null : chatLogProbs(tokens, name),
    finish_reason: finishOf(done),
    ...(tokenIds && { token_ids: tokens.map(({ token }) => token) }),
    ...(done !== null && sparkPart(plan, done)),
  });
  const top = (done: Piece['done']): object => ({
    system_fingerprint: done?.generation.policyVersion ?? null,
    ...(tokenIds &&
      done !== null && { prompt_token_ids: Array.from(done.generation.promptTokens) }),
  });
  const object = 'chat.completion.chunk';
  return {
    idPrefix: 'chatcmpl-',
    whole: (head, pieces, usage) => ({
      ...head,
      object: 'chat.completion',
      ...top(pieces[0]?.done ?? null),
      choices: pieces.map((piece) => ({
        index: piece.index,
        message: { role: 'assistant', content: piece.text, refusal: null },
        ...rest(piece),
      })),
      usage,
    }),
    opening: (head, index) => [
      {
        ...head,
        object,
        system_fingerprint: null,
        choices: [
          { index, delta: { role: 'assistant', content: '' }, logprobs: null, finish_reason: null },
        ],
      },
    ],
    part: (head, piece) => ({
      ...head,
      object,
      ...top(piece.done),
      choices: [
        {
          index: piece.index,
          delta: piece.text === '' ? {} : { content: piece.text },
          ...rest(piece),
        },
      ],
    }),
    usage: (head, usage) => ({ ...head, object, choices: [], usage }),
  };
}
