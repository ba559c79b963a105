import {
  InvalidInputError,
  PolicyError,
  type Generation,
  type TextConstraint,
} from '@spark-rl/core';
import fc from 'fast-check';

import { tokenBytes } from '../src/constraint/token-bytes.js';
import { tokenConstraint } from '../src/constraint/token-constraint.js';
import {
  loadTokenizer,
  responseLanguage,
  textConstraint,
  type Language,
  type TokenizerJson,
} from '../src/index.js';
import { config, makePolicy, request, tokenizer } from './support.js';

const encoder = new TextEncoder();
const ends = [...tokenizer.endTokens];
const vocabulary = tokenBytes(tokenizer.json);

/** The text of a token by itself, as the tokenizer has it. */
const textOf = (token: number): string => tokenizer.decode([token]);

function stateAfter(constraint: TextConstraint, text: string): number {
  let state = constraint.start;
  for (const byte of encoder.encode(text)) if (state >= 0) state = constraint.next(state, byte);
  return state;
}

describe('tokenBytes', () => {
  it('gives every token but the end of sequence the bytes of its text', () => {
    const { ids, bytes, starts, places } = vocabulary;
    expect(ids).toHaveLength(tokenizer.vocabularySize - 1);
    expect(places[tokenizer.endOfSequence]).toBe(-1);
    const decoder = new TextDecoder();
    ids.forEach((id, at) => {
      expect(places[id]).toBe(at);
      expect(decoder.decode(bytes.subarray(starts[at], starts[at + 1]))).toBe(textOf(id));
    });
    const single = ids.filter((_, at) => (starts[at + 1] ?? 0) - (starts[at] ?? 0) === 1);
    expect(single).toHaveLength(256);
  });

  it('refuses a tokenizer whose tokens are not bytes', () => {
    const { json } = tokenizer;
    const other: TokenizerJson = { ...json, decoder: { type: 'Metaspace' } };
    expect(() => tokenBytes(other)).toThrow(InvalidInputError);
    expect(() => tokenBytes(other)).toThrow(/byte-level/);
    const sequence = { type: 'Sequence', decoders: [{ type: 'ByteLevel' }] };
    expect(tokenBytes({ ...json, decoder: sequence }).ids).toEqual(vocabulary.ids);
  });
});

describe('tokenConstraint', () => {
  const pieces = ['go', ' to', ' cab', 'inet', ' 12', '<', 'think', '>', 'é', '日'];
  const languages: fc.Arbitrary<Language> = fc.oneof(
    fc
      .array(fc.array(fc.constantFrom(...pieces), { maxLength: 4 }), { minLength: 1, maxLength: 5 })
      .map((all) => ({ oneOf: all.map((parts) => parts.join('')) })),
    fc.constantFrom<Language>(
      responseLanguage({ actions: ['go to cabinet 12', 'go to bed'], separator: '' }),
      { freeText: { without: ['the mug'] } },
      { repeat: { characters: '[a-z日]' }, min: 1, max: 3 },
    ),
  );

  it('allows exactly the tokens that some text of the language goes on with, borders or not', () => {
    fc.assert(
      fc.property(languages, fc.array(fc.nat(), { maxLength: 12 }), (language, choices) => {
        const constraint = textConstraint(language);
        const lifted = tokenConstraint(constraint, vocabulary, ends);
        let state = lifted.start;
        for (const choice of [...choices, 0]) {
          const expected = Array.from({ length: tokenizer.vocabularySize }, (_, id) => id).filter(
            (id) => {
              if (ends.includes(id)) return constraint.accepts(state);
              const place = vocabulary.places[id]!;
              let next = state;
              const bytes = vocabulary.bytes.subarray(
                vocabulary.starts[place],
                vocabulary.starts[place + 1],
              );
              for (const byte of bytes) if (next >= 0) next = constraint.next(next, byte);
              return next >= 0;
            },
          );
          const allowed = lifted.allowed(state);
          expect([...allowed]).toEqual(expected);
          const going = expected.filter((id) => !ends.includes(id));
          if (going.length === 0) return;
          const token = going[choice % going.length]!;
          const next = lifted.advance(state, token);
          state = next;
        }
      }),
      { numRuns: 60 },
    );
  });

  it('allows a token over the border between a template and what is filled in', () => {
    const crossing = [...Array(tokenizer.vocabularySize).keys()].find((id) =>
      / \w{2,}/.test(textOf(id)),
    )!;
    const text = textOf(crossing);
    const language = { sequence: [text.slice(0, 2), { oneOf: [`${text.slice(2)}!`, 'x'] }] };
    const constraint = textConstraint(language);
    const lifted = tokenConstraint(constraint, vocabulary, ends);
    expect([...lifted.allowed(lifted.start)]).toContain(crossing);
    expect(lifted.advance(lifted.start, crossing)).toBe(stateAfter(constraint, text));
  });
});

describe('a response held to a language', () => {
  const actions = ['take mug 1 from table 1', 'go to cabinet 12', 'look'];
  const constraint = textConstraint({
    sequence: [
      '<think>',
      { repeat: { characters: '[a-z é]' }, max: 9 },
      '</think><action>',
      { oneOf: actions },
      '</action>',
    ],
  });
  const shape = new RegExp(
    `^<think>[a-z é]{0,9}</think><action>(?:${actions.join('|')})</action>$`,
    'u',
  );
  const sampled = (sampling: object, count = 16): Promise<Generation[]> => {
    const { policy } = makePolicy();
    return Promise.all(
      Array.from({ length: count }, (_, i) =>
        policy.generate(
          request('go', `${i}`, {
            sampling: { temperature: 1, maxTokens: 60, constraint, ...sampling },
            want: { entropies: true, topLogProbs: 300 },
          }),
        ),
      ),
    );
  };

  it('is a text of it when it stops, and the beginning of one when it is cut off', async () => {
    const all = [...(await sampled({})), ...(await sampled({ maxTokens: 5 }))];
    const stopped = all.filter(({ finish }) => finish === 'stop');
    expect(stopped.length).toBeGreaterThan(5);
    for (const { text } of stopped) expect(text).toMatch(shape);
    const cut = all.filter(({ finish }) => finish === 'length');
    expect(cut.length).toBeGreaterThan(5);
    for (const { text } of cut)
      // The last character may not be whole yet.
      expect(stateAfter(constraint, text.replace(/\uFFFD+$/u, ''))).toBeGreaterThanOrEqual(0);
    expect(new Set(stopped.map(({ text }) => text.replace(/<think>.*<\/think>/su, ''))).size).toBe(
      3,
    );
  });

  it('is drawn from the distribution over what is allowed, and tells how much of the whole that is', async () => {
    const lifted = tokenConstraint(constraint, vocabulary, ends);
    for (const { responseTokens, logProbs, logKept, topLogProbs } of await sampled({}, 6)) {
      let state = lifted.start;
      responseTokens.forEach((token, i) => {
        const allowed = lifted.allowed(state);
        const top = topLogProbs![i]!;
        const mass = top.reduce((sum, { logProb }) => sum + Math.exp(logProb), 0);
        expect(mass).toBeCloseTo(1, 6);
        for (const { token: other } of top) expect([...allowed]).toContain(other);
        expect(top.find((entry) => entry.token === token)!.logProb).toBeCloseTo(logProbs[i]!, 5);
        expect(logKept![i]).toBeLessThanOrEqual(0);
        if (allowed.length === 1) expect(logProbs[i]).toBe(0);
        state = lifted.advance(state, token);
      });
    }
  });

  it('has the probabilities of the whole distribution when logKept is added', async () => {
    const { policy } = makePolicy();
    const [held] = await sampled({ maxTokens: 1 }, 1);
    const free = await policy.generate(
      request('go', 'x', { maxTokens: 1, want: { topLogProbs: config.vocabularySize } }),
    );
    const token = held!.responseTokens[0]!;
    const whole = free.topLogProbs![0]!.find((entry) => entry.token === token)!.logProb;
    expect(held!.logProbs[0]! + held!.logKept![0]!).toBeCloseTo(whole, 4);
  });

  it('is narrowed further by top-k, top-p and min-p, and stays in the language', async () => {
    for (const narrow of [{ topK: 1 }, { topP: 0.5 }, { minP: 0.9 }, { temperature: 0 }]) {
      for (const { text, finish, logKept, responseTokens } of await sampled(narrow, 6)) {
        if (finish === 'stop') expect(text).toMatch(shape);
        expect(logKept).toHaveLength(responseTokens.length);
      }
    }
  });

  it('depends on its key and prompt alone, to the bit', async () => {
    const together = await sampled({ topP: 0.9 }, 8);
    const { policy } = makePolicy({ maxRows: 1, prefillChunk: 1, prefixCacheBytes: 0 });
    for (const [i, generation] of together.entries()) {
      const alone = await policy.generate(
        request('go', `${i}`, {
          // A constraint made anew: nothing that was remembered of the other one plays a part.
          sampling: { temperature: 1, maxTokens: 60, topP: 0.9, constraint: { ...constraint } },
          want: { entropies: true, topLogProbs: 300 },
        }),
      );
      expect({ ...alone, cachedPromptTokens: 0 }).toEqual({ ...generation, cachedPromptTokens: 0 });
    }
  });

  it('is refused beside stop strings, and when the vocabulary cannot spell it', async () => {
    const { policy } = makePolicy();
    const sampling = { temperature: 1, maxTokens: 8, constraint };
    await expect(
      policy.generate(request('go', 'a', { sampling: { ...sampling, stop: ['x'] } })),
    ).rejects.toThrow(/sampling: stop.*beside a constraint/);
    const vocab = tokenizer.json.model.vocab as Record<string, number>;
    const withoutZ = loadTokenizer({
      ...tokenizer.json,
      model: {
        ...tokenizer.json.model,
        vocab: Object.fromEntries(Object.entries(vocab).filter(([piece]) => !piece.includes('z'))),
      },
    });
    const poor = makePolicy({ tokenizer: withoutZ }).policy;
    const unspeakable = textConstraint('z');
    await expect(
      poor.generate(request('go', 'a', { sampling: { ...sampling, constraint: unspeakable } })),
    ).rejects.toThrow(PolicyError);
  });
});
