import {
  AbortedError,
  InvalidInputError,
  throwIfAborted,
  type Message,
  type Prompt,
} from '@spark-rl/core';

import type { Dialect } from './dialects/dialect.js';
import { leastRecentlyUsed } from './least-recently-used.js';
import type { Wire, WireContext } from './transport/wire-call.js';

/** A tokenizer that runs here; the one of transformer-policy (`loadModel(...).tokenizer`) has this form. */
export interface PromptTokenizer {
  /** The ids of a text, special tokens recognised, none added. */
  readonly encode: (text: string) => Int32Array;
  /** A chat as one text, up to where the assistant goes on. */
  readonly renderMessages: (messages: readonly Message[]) => string;
  /** Whether `renderMessages` writes what begins a sequence itself. */
  readonly hasChatTemplate?: boolean;
  readonly beginOfSequence?: number | undefined;
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

/** Texts of prompts that are asked about again: instructions, and the siblings of a fork. */
const REMEMBERED = 4096;

/**
 * Makes the token ids of prompts: with a tokenizer that runs here, or by asking the server. Kept ids are taken as they are; each text of a
 * transcript is encoded by itself, so that the ids before it never depend on it.
 *
 * @param beginOfSequence - stands before a transcript that opens with a text; by default what the tokenizer says
 * @throws InvalidInputError, from what is returned, when neither has what it takes
 */
export function promptTokens(
  dialect: Dialect,
  wire: Wire,
  tokenizer: PromptTokenizer | undefined,
  beginOfSequence = tokenizer?.beginOfSequence,
): (prompt: Prompt, model: string, context: WireContext) => Promise<Int32Array> {
  const remembered = leastRecentlyUsed<string, Promise<Int32Array>>(REMEMBERED);

  const missing = (what: string): never => {
    throw new InvalidInputError(`this server has no way to tokenize ${what}`, {
      field: 'tokenizer',
      remedy: 'Give the policy the tokenizer of its model, as { encode, renderMessages }',
    });
  };
  /** The same question is asked once; a failed one is forgotten. Who waits for another's question outlives the other's stop. */
  const once = async (
    name: string,
    ask: () => Promise<Int32Array>,
    signal: AbortSignal | undefined,
  ): Promise<Int32Array> => {
    for (;;) {
      throwIfAborted(signal);
      const known = remembered.get(name);
      if (known === undefined) {
        const asked = ask();
        remembered.set(name, asked);
        asked.catch(() => remembered.delete(name));
        return asked;
      }
      try {
        return await known;
      } catch (cause) {
        if (!(cause instanceof AbortedError)) throw cause;
      }
    }
  };
  const ofText = (text: string, model: string, context: WireContext): Promise<Int32Array> => {
    if (text === '') return Promise.resolve(new Int32Array(0));
    if (tokenizer !== undefined) return Promise.resolve(tokenizer.encode(text));
    const { encode } = dialect;
    if (encode === undefined) return missing('a text');
    return once(`text ${model} ${text}`, () => wire(encode(text, model), context), context.signal);
  };
  const begin = (tokens: Int32Array): Int32Array =>
    beginOfSequence === undefined || tokens[0] === beginOfSequence
      ? tokens
      : join([Int32Array.of(beginOfSequence), tokens]);

  return async (prompt, model, context) => {
    if (prompt.kind === 'transcript') {
      const parts = await Promise.all(
        prompt.segments.map((segment) =>
          'tokens' in segment
            ? Promise.resolve(segment.tokens)
            : ofText(segment.text, model, context),
        ),
      );
      const [first] = prompt.segments;
      const tokens = join(parts);
      return first !== undefined && 'text' in first ? begin(tokens) : tokens;
    }
    const { messages } = prompt;
    if (tokenizer !== undefined) {
      const tokens = tokenizer.encode(tokenizer.renderMessages(messages));
      return tokenizer.hasChatTemplate === true ? tokens : begin(tokens);
    }
    const { encodeMessages } = dialect;
    if (encodeMessages === undefined) return missing('a chat');
    return once(
      `chat ${model} ${JSON.stringify(messages)}`,
      () => encodeMessages(messages, model, wire, context),
      context.signal,
    );
  };
}
