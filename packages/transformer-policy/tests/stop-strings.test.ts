import type { Generation } from '@spark-rl/core';
import fc from 'fast-check';

import { firstStop, stopWatch } from '../src/sampling/stop-strings.js';
import { makePolicy, request, tokenizer } from './support.js';

describe('firstStop', () => {
  it('takes the one that ends first, and of those the longest', () => {
    expect(firstStop('abcdef', ['cde', 'd'])).toEqual({ start: 3, end: 4 });
    expect(firstStop('abcdef', ['d', 'bcd'])).toEqual({ start: 1, end: 4 });
    expect(firstStop('abc', ['x'])).toBeNull();
  });
});

describe('stopWatch', () => {
  const texts = fc.string({ unit: fc.constantFrom('a', 'b', '<', '/', 'é', '日', '🙂', ' ', '1') });

  it('sees a stop string with the very token that completes it, wherever tokens begin and end', () => {
    fc.assert(
      fc.property(texts, fc.array(texts, { minLength: 1, maxLength: 3 }), (text, drawn) => {
        const stops = drawn.filter((stop) => stop !== '');
        fc.pre(stops.length > 0);
        // Every byte a token of its own: characters and stop strings are torn apart.
        const tokens = [...new TextEncoder().encode(text)].map(
          (byte) => tokenizer.json.added_tokens.length + byte,
        );
        const watch = stopWatch(tokenizer, stops);
        tokens.forEach((token, i) => {
          const read = tokenizer.decode(tokens.slice(0, i + 1));
          // The watch forgets what came long ago: it is asked for stop strings that end here.
          const ends = stops.some((stop) => read.endsWith(stop));
          if (ends) expect(watch.push(token)).toBe(true);
          else watch.push(token);
        });
      }),
    );
  });

  it('is not led astray by tokens that the tokenizer does not have', () => {
    const watch = stopWatch(tokenizer, ['go']);
    const [g, o] = ['g', 'o'].map((letter) => tokenizer.tokenId(letter)!);
    expect(watch.push(g!)).toBe(false);
    for (let i = 0; i < 9; i++) expect(watch.push(tokenizer.vocabularySize + i)).toBe(false);
    expect(watch.push(o!)).toBe(true);
  });
});

describe('a response with stop strings', () => {
  const all = async (
    sampling: { readonly stop?: readonly string[]; readonly includeStop?: boolean } = {},
  ): Promise<Generation[]> => {
    const { policy } = makePolicy();
    return Promise.all(
      Array.from({ length: 24 }, (_, i) =>
        policy.generate(
          request('go', `${i}`, { sampling: { temperature: 1, maxTokens: 20, ...sampling } }),
        ),
      ),
    );
  };

  it('is the response without them, up to the token that completes one; the text ends before it', async () => {
    const stop = ['e', 'a1', ' t'];
    const [plain, stopped, included] = [
      await all(),
      await all({ stop }),
      await all({ stop, includeStop: true }),
    ];
    let [cut, whole] = [0, 0];
    plain.forEach((generation, i) => {
      const { responseTokens, logProbs, text, finish } = stopped[i]!;
      const { length } = responseTokens;
      expect(responseTokens).toEqual(generation.responseTokens.slice(0, length));
      expect(logProbs).toEqual(generation.logProbs.slice(0, length));
      expect(included[i]!.responseTokens).toEqual(responseTokens);
      const found = firstStop(tokenizer.decode(responseTokens), stop);
      if (found === null) {
        whole += 1;
        expect(stopped[i]).toEqual({
          ...generation,
          cachedPromptTokens: stopped[i]!.cachedPromptTokens,
        });
        expect(firstStop(generation.text, stop)).toBeNull();
        return;
      }
      cut += 1;
      expect(finish).toBe('stop');
      expect(text).toBe(generation.text.slice(0, found.start));
      expect(included[i]!.text).toBe(generation.text.slice(0, found.end));
      expect(firstStop(tokenizer.decode(responseTokens.slice(0, -1)), stop)).toBeNull();
    });
    expect(Math.min(cut, whole)).toBeGreaterThan(3);
  });

  it('is not narrowed: learners may train it', async () => {
    for (const generation of await all({ stop: ['e'] }))
      expect(generation).not.toHaveProperty('logKept');
  });
});
