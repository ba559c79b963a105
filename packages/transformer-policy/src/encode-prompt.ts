import type { Message, Prompt } from '@spark-rl/core';

import type { Tokenizer } from './tokenizer.js';

/**
 * Renders messages with a plain template: each is its role, a colon, a space, the content, the end-of-sequence text and a line break;
 * the prompt ends with `assistant: `, where the model goes on.
 */
export function renderMessages(messages: readonly Message[], endOfSequence: string): string {
  const turns = messages.map(({ role, content }) => `${role}: ${content}${endOfSequence}\n`);
  return `${turns.join('')}assistant: `;
}

function join(parts: readonly Int32Array[]): Int32Array {
  const joined = new Int32Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/**
 * The token ids of a prompt. Segments of a transcript are encoded one by one and put together, so the tokens of an earlier turn never
 * depend on the text after it; kept ids are taken as they are.
 */
export function encodePrompt(prompt: Prompt, tokenizer: Tokenizer): Int32Array {
  if (prompt.kind === 'messages')
    return tokenizer.encode(renderMessages(prompt.messages, tokenizer.config.eos_token));
  return join(
    prompt.segments.map((segment) =>
      'tokens' in segment ? segment.tokens : tokenizer.encode(segment.text),
    ),
  );
}
