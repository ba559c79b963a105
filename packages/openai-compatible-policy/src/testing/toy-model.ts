import { randomSource } from '@spark-rl/core';

/** The special tokens, whose ids come first. */
const SPECIAL = ['<|end|>', '<|system|>', '<|user|>', '<|assistant|>'] as const;

/** What responses are made of. */
const WORDS = [
  'look', 'go north', 'go south', 'take lamp', 'open door', 'read note', ' and', ' then', ' quietly', '.', '\n',
  '<explore>', '</explore>', '<think>', '</think>', '<action>', '</action>', ' caf\u00e9',
] as const; // prettier-ignore

const FIRST_WORD = SPECIAL.length;
const FIRST_BYTE = FIRST_WORD + WORDS.length;

/** A model of a few words, for servers that only play: everything it does follows from its seed. */
export interface ToyModel {
  readonly vocabularySize: number;
  readonly endOfSequence: number;
  /** Special tokens in the text are recognised; nothing is added. */
  readonly encode: (text: string) => number[];
  readonly decode: (
    tokens: readonly number[],
    options?: { readonly skipSpecial: boolean },
  ) => string;
  /** What a server writes for one token. */
  readonly piece: (token: number) => string;
  readonly renderMessages: (
    messages: readonly { readonly role: string; readonly content: string }[],
  ) => string;
  /** Unnormalised log-probabilities of the next token, shape [V]. */
  readonly logits: (context: readonly number[]) => readonly number[];
}

/** Makes one. Another `tokenizer` shifts the ids of the words: the same text, other tokens. */
export function toyModel(
  options: { readonly seed?: number; readonly tokenizer?: number } = {},
): ToyModel {
  const { seed = 1, tokenizer = 0 } = options;
  const shift = (index: number): number => (index + tokenizer) % WORDS.length;
  const pieces = [...SPECIAL, ...WORDS.map((_, i) => WORDS[shift(i)]!)];
  const byLength = pieces
    .map((piece, id) => ({ piece, id }))
    .sort((a, b) => b.piece.length - a.piece.length);
  const bytesOf = new TextEncoder();
  const vocabularySize = FIRST_BYTE + 256;

  const encode = (text: string): number[] => {
    const tokens: number[] = [];
    let at = 0;
    while (at < text.length) {
      const match = byLength.find(({ piece }) => text.startsWith(piece, at));
      if (match !== undefined) {
        tokens.push(match.id);
        at += match.piece.length;
        continue;
      }
      const character = String.fromCodePoint(text.codePointAt(at)!);
      for (const byte of bytesOf.encode(character)) tokens.push(FIRST_BYTE + byte);
      at += character.length;
    }
    return tokens;
  };
  const decode: ToyModel['decode'] = (tokens, { skipSpecial } = { skipSpecial: true }) => {
    const bytes = tokens.flatMap((token) => {
      if (token >= FIRST_BYTE) return [token - FIRST_BYTE];
      if (token < FIRST_WORD && skipSpecial) return [];
      return [...bytesOf.encode(pieces[token] ?? '')];
    });
    return new TextDecoder().decode(Uint8Array.from(bytes));
  };
  return {
    vocabularySize,
    endOfSequence: 0,
    encode,
    decode,
    piece: (token) => decode([token], { skipSpecial: false }),
    renderMessages: (messages) =>
      `${messages.map(({ role, content }) => `<|${role}|>${content}<|end|>`).join('')}<|assistant|>`,
    logits: (context) => {
      const source = randomSource(['toy', seed, ...context.slice(-3)]);
      return Array.from({ length: vocabularySize }, (_, token) => {
        if (token >= FIRST_WORD && token < FIRST_BYTE) return 3 * source.uniform();
        return token === 0 ? 2 * source.uniform() : -30;
      });
    },
  };
}

/** What a server of the toy model draws. */
export interface ToyResponse {
  readonly tokens: readonly number[];
  /** The logits that each token was drawn from, shape [T][V]. */
  readonly logits: readonly (readonly number[])[];
  /** Without the token or the string that ended it. */
  readonly text: string;
  readonly finish: 'stop' | 'length';
  /** The string that ended it. */
  readonly stoppedBy: string | undefined;
}

/** log softmax(logits / temperature). */
export function logSoftmax(logits: readonly number[], temperature: number): number[] {
  const scaled = logits.map((logit) => logit / temperature);
  const max = Math.max(...scaled);
  const total = Math.log(scaled.reduce((sum, x) => sum + Math.exp(x - max), 0)) + max;
  return scaled.map((x) => x - total);
}

/** Draws a response from softmax(logits / temperature), token by token, until it ends, is stopped or is long enough. */
export function toyResponse(
  model: ToyModel,
  prompt: readonly number[],
  settings: {
    readonly temperature: number;
    readonly maxTokens: number;
    readonly seed: number;
    readonly stop?: readonly string[];
  },
): ToyResponse {
  const { temperature, maxTokens, seed, stop = [] } = settings;
  const source = randomSource(['draw', seed]);
  const tokens: number[] = [];
  const logits: (readonly number[])[] = [];
  while (tokens.length < maxTokens) {
    const next = model.logits([...prompt, ...tokens]);
    let token = next.indexOf(Math.max(...next));
    if (temperature > 0) {
      let left = source.uniform();
      const probabilities = logSoftmax(next, temperature).map(Math.exp);
      token = probabilities.findIndex((p) => (left -= p) < 0);
      if (token < 0) token = next.indexOf(Math.max(...next));
    }
    tokens.push(token);
    logits.push(next);
    if (token === model.endOfSequence)
      return { tokens, logits, text: model.decode(tokens), finish: 'stop', stoppedBy: undefined };
    const text = model.decode(tokens);
    const ending = stop
      .map((each) => ({ each, at: text.indexOf(each) }))
      .filter(({ at }) => at >= 0)
      .sort((a, b) => a.at - b.at)[0];
    if (ending !== undefined)
      return {
        tokens,
        logits,
        text: text.slice(0, ending.at),
        finish: 'stop',
        stoppedBy: ending.each,
      };
  }
  return { tokens, logits, text: model.decode(tokens), finish: 'length', stoppedBy: undefined };
}
