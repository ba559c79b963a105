import { InvalidInputError, type Generation, type Sampling } from '@spark-rl/core';

import { likeliest } from '../src/sampling/likeliest.js';
import { config, makePolicy, request, tokenizer } from './support.js';

const everyToken = Int32Array.from({ length: config.vocabularySize }, (_, id) => id);

describe('a response from a narrower distribution', () => {
  it('has the renormalised log-probabilities, entropies and alternatives', async () => {
    const { policy } = makePolicy();
    const cut = { topK: 40, topP: 0.8, minP: 0.02 };
    const generation = await policy.generate(
      request('You see a mug', 'a', {
        sampling: { temperature: 0.7, maxTokens: 6, ...cut },
        want: { entropies: true, topLogProbs: config.vocabularySize },
      }),
    );
    const { promptTokens, responseTokens, logProbs, logKept, entropies } = generation;
    expect(responseTokens.length).toBeGreaterThan(2);
    for (const [i, token] of responseTokens.entries()) {
      // The whole distribution at this position, asked for in another call.
      const whole = await policy.generate({
        ...request('', 'b'),
        prompt: {
          kind: 'transcript',
          segments: [{ tokens: promptTokens }, { tokens: responseTokens.slice(0, i) }],
        },
        sampling: { temperature: 0.7, maxTokens: 1 },
        want: { topLogProbs: config.vocabularySize },
      });
      const weights = new Float64Array(config.vocabularySize);
      for (const entry of whole.topLogProbs![0]!) weights[entry.token] = Math.exp(entry.logProb);
      const kept = likeliest(weights, everyToken, cut);
      const mass = kept.reduce((sum, id) => sum + weights[id]!, 0);
      const left = Array.from(kept, (id) => weights[id]! / mass);
      expect(kept.length).toBeLessThan(40);
      expect([...kept]).toContain(token);
      expect(logProbs[i]).toBeCloseTo(Math.log(weights[token]! / mass), 4);
      expect(logKept![i]).toBeCloseTo(Math.log(mass), 4);
      expect(entropies![i]).toBeCloseTo(-left.reduce((sum, p) => sum + p * Math.log(p), 0), 4);
      const top = generation.topLogProbs![i]!;
      expect(top.map((entry) => entry.token).sort((a, b) => a - b)).toEqual([...kept]);
    }
  });

  it('depends on its key and prompt alone, to the bit', async () => {
    const calls = ['You see a mug', 'go', 'You see a plate 2 on'].flatMap((text, i) =>
      [{ topK: 5 }, { topP: 0.7 }, { minP: 0.1 }].map((narrow, j) =>
        request(text, `${i}${j}`, { sampling: { temperature: 1, maxTokens: 8, ...narrow } }),
      ),
    );
    const together = makePolicy().policy;
    const alone = makePolicy({ maxRows: 1, prefixCacheBytes: 0, prefillChunk: 2 }).policy;
    const all = await Promise.all(calls.map((call) => together.generate(call)));
    for (const [i, call] of calls.entries()) {
      const single: Generation = await alone.generate(call);
      expect({ ...all[i]!, cachedPromptTokens: 0 }).toEqual(single);
    }
  });
});

it('ends with any of several end-of-sequence tokens', async () => {
  const ends = new Set([
    tokenizer.endOfSequence,
    ...[...'aeio '].map((x) => tokenizer.encode(x)[0]!),
  ]);
  const { policy } = makePolicy({ tokenizer: { ...tokenizer, endTokens: ends } });
  const all = await Promise.all(
    Array.from({ length: 40 }, (_, i) => policy.generate(request('go', `${i}`, { maxTokens: 40 }))),
  );
  const last = all.flatMap(({ finish, responseTokens, text }) => {
    expect(responseTokens.slice(0, -1).some((token) => ends.has(token))).toBe(false);
    if (finish === 'length') return [];
    expect(text).toBe(tokenizer.decode(responseTokens.slice(0, -1)));
    return [responseTokens.at(-1)!];
  });
  expect(last.every((token) => ends.has(token))).toBe(true);
  expect(new Set(last).size).toBeGreaterThan(1);
});

it.each<[string, object]>([
  ['topK', { topK: 0 }],
  ['topK', { topK: 1.5 }],
  ['topP', { topP: 0 }],
  ['topP', { topP: 1.1 }],
  ['minP', { minP: -0.1 }],
  ['stop', { stop: [''] }],
  ['constraint', { constraint: 'action' }],
])('refuses a wrong %s: %j', async (field, wrong) => {
  const sampling = { temperature: 1, maxTokens: 4, ...wrong } as Sampling;
  const call = makePolicy().policy.generate(request('go', 'a', { sampling }));
  await expect(call).rejects.toThrow(InvalidInputError);
  await expect(call).rejects.toThrow(new RegExp(`sampling: ${field}`));
});
