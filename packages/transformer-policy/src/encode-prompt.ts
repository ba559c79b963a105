import type { Prompt } from '@spark-rl/core';

import type { Tokenizer } from './tokenizer.js';

function join(parts: readonly Int32Array[]): Int32Array {
  const joined = new Int32Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** Puts the begin of the sequence in front, where the model wants one and it is not there. */
function begin(tokens: Int32Array, { beginOfSequence }: Tokenizer): Int32Array {
  if (beginOfSequence === undefined || tokens[0] === beginOfSequence) return tokens;
  return join([Int32Array.of(beginOfSequence), tokens]);
}

/**
 * The token ids of a prompt. Messages are rendered by the tokenizer's chat template, which writes the begin of the sequence itself. Segments
 * of a transcript are encoded one by one and put together, so the tokens of an earlier turn never depend on the text after it; kept ids are
 * taken as they are. A transcript that opens with a text begins as the model was trained to; one that opens with kept ids has its begin.
 */
export function encodePrompt(prompt: Prompt, tokenizer: Tokenizer): Int32Array {
  if (prompt.kind === 'messages') {
    const tokens = tokenizer.encode(tokenizer.renderMessages(prompt.messages));
    return tokenizer.hasChatTemplate ? tokens : begin(tokens, tokenizer);
  }
  const [first] = prompt.segments;
  const tokens = join(
    prompt.segments.map((segment) =>
      'tokens' in segment ? segment.tokens : tokenizer.encode(segment.text),
    ),
  );
  return first !== undefined && 'text' in first ? begin(tokens, tokenizer) : tokens;
}
