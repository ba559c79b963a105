import {
  AbortedError,
  InvalidInputError,
  PolicyError,
  type Generation,
  type SampledToken,
} from '@spark-rl/core';
import { referenceEngine } from '@spark-rl/tensor';
import fc from 'fast-check';

import { decoderTransformer, transformerPolicy } from '../src/index.js';
import { config, makePolicy, request, TEXTS, tokenizer, weights } from './support.js';

/** What must not depend on who else was running; the cache may differ. */
const answer = (generation: Generation): Generation => ({ ...generation, cachedPromptTokens: 0 });

/** Log-probabilities of every token of `tokens` but the first, from one forward pass of the whole model. */
async function fullLogProbs(
  tokens: Int32Array,
  temperature: number,
  seed = 1,
): Promise<number[][]> {
  const model = decoderTransformer(config);
  const engine = referenceEngine();
  const program = await engine.compile({
    name: 'full',
    parameters: model.parameters,
    inputs: { ...model.inputs, at: { dtype: 'int32', shape: ['n'] } },
    run: (ops, parameters, inputs) => ({
      logits: model.logits(ops, parameters, inputs, inputs['at']!),
    }),
  });
  const at = Int32Array.from(tokens, (_, i) => i);
  const { logits } = await program.run(engine.parameters(weights(seed)), {
    ...model.prepare(tokens, 1, tokens.length),
    at: { dtype: 'int32', shape: [at.length], data: at },
  });
  return Array.from(tokens, (_, i) => {
    const row = Array.from(
      logits!.data.slice(i * config.vocabularySize, (i + 1) * config.vocabularySize),
    );
    const scaled = row.map((x) => x / temperature);
    const max = Math.max(...scaled);
    const logTotal = Math.log(scaled.reduce((sum, x) => sum + Math.exp(x - max), 0)) + max;
    return scaled.map((x) => x - logTotal);
  });
}

describe('a response', () => {
  it('is told token by token while it grows, as it is reported in the end', async () => {
    const { policy } = makePolicy();
    const told: SampledToken[] = [];
    const generation = await policy.generate(
      request(TEXTS[0]!, 'told', {
        maxTokens: 9,
        want: { topLogProbs: 2 },
        onToken: (token) => told.push(token),
      }),
    );
    expect(told.map(({ token }) => token)).toEqual([...generation.responseTokens]);
    expect(told.map(({ logProb }) => Math.fround(logProb))).toEqual([...generation.logProbs]);
    expect(told.map(({ top }) => top)).toEqual(generation.topLogProbs);
  });

  it('has the log-probabilities, entropies and alternatives that the whole model gives', async () => {
    const { policy } = makePolicy({ prefillChunk: 5 });
    const generation = await policy.generate(
      request(TEXTS[0]!, 'a', {
        temperature: 0.7,
        maxTokens: 12,
        want: { entropies: true, topLogProbs: 3 },
      }),
    );
    const { promptTokens, responseTokens } = generation;
    const full = await fullLogProbs(Int32Array.of(...promptTokens, ...responseTokens), 0.7);
    expect(promptTokens).toEqual(tokenizer.encode(TEXTS[0]!));
    expect(responseTokens.length).toBeGreaterThan(1);
    responseTokens.forEach((token, i) => {
      const row = full[promptTokens.length - 1 + i]!;
      expect(generation.logProbs[i]).toBeCloseTo(row[token]!, 4);
      const entropy = -row.reduce((sum, x) => sum + Math.exp(x) * x, 0);
      expect(generation.entropies![i]).toBeCloseTo(entropy, 4);
      const best = row
        .map((logProb, id) => ({ id, logProb }))
        .sort((a, b) => b.logProb - a.logProb);
      const top = generation.topLogProbs![i]!;
      expect(top.map((entry) => entry.token)).toEqual(best.slice(0, 3).map((entry) => entry.id));
      expect(top[0]!.logProb).toBeCloseTo(best[0]!.logProb, 4);
    });
  });

  it('is greedy at temperature 0', async () => {
    const { policy } = makePolicy();
    const { promptTokens, responseTokens, logProbs } = await policy.generate(
      request(TEXTS[0]!, 'a', { temperature: 0 }),
    );
    const full = await fullLogProbs(Int32Array.of(...promptTokens, ...responseTokens), 1);
    responseTokens.forEach((token, i) => {
      const row = full[promptTokens.length - 1 + i]!;
      expect(row[token]).toBe(Math.max(...row));
    });
    expect([...logProbs].every((logProb) => logProb === 0)).toBe(true);
  });

  it('ends with the end-of-sequence token, which its text leaves out', async () => {
    const { policy } = makePolicy();
    const all = await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        policy.generate(request('go', `${i}`, { maxTokens: 60 })),
      ),
    );
    const stopped = all.filter((generation) => generation.finish === 'stop');
    expect(stopped.length).toBeGreaterThan(0);
    for (const { responseTokens, text } of stopped) {
      expect(responseTokens.at(-1)).toBe(tokenizer.endOfSequence);
      expect([...responseTokens.slice(0, -1)]).not.toContain(tokenizer.endOfSequence);
      expect(text).toBe(tokenizer.decode(responseTokens.slice(0, -1)));
    }
  });

  it('has no more tokens than asked for, nor than the context holds', async () => {
    const { policy } = makePolicy();
    const all = await Promise.all(
      Array.from({ length: 12 }, (_, i) =>
        policy.generate(request('go '.repeat(25), `${i}`, { maxTokens: i < 6 ? 3 : 500 })),
      ),
    );
    for (const [i, { finish, promptTokens, responseTokens }] of all.entries()) {
      const room = Math.min(i < 6 ? 3 : 500, config.contextLength - promptTokens.length);
      if (finish === 'length') expect(responseTokens.length).toBe(room);
      else expect(responseTokens.length).toBeLessThanOrEqual(room);
    }
    expect(all.some(({ finish }, i) => i >= 6 && finish === 'length')).toBe(true);
  });
});

describe('the same key and prompt give the same response', () => {
  const prompts = [
    TEXTS[0]!,
    'go',
    TEXTS[0]!.slice(0, 40),
    `${TEXTS[0]!} ${TEXTS[2]!}`.slice(0, 120),
  ];
  const calls = prompts.flatMap((text, i) =>
    [`${i}a`, `${i}b`].map((key) => request(text, key, { maxTokens: 10 })),
  );
  let alone: Generation[];
  beforeAll(async () => {
    const { policy } = makePolicy({ prefixCacheBytes: 0 });
    alone = [];
    for (const call of calls) alone.push(await policy.generate(call));
  });

  it.each([
    { name: 'with all others beside it', options: {} },
    { name: 'without the prefix cache', options: { prefixCacheBytes: 0 } },
    { name: 'with a prefix cache of a few tokens', options: { prefixCacheBytes: 8192 } },
    { name: 'two at a time', options: { maxRows: 2 } },
    { name: 'one at a time', options: { maxRows: 1 } },
    { name: 'prefilled token by token', options: { prefillChunk: 1 } },
    { name: 'prefilled in threes', options: { prefillChunk: 3 } },
  ])('$name', async ({ options }) => {
    const { policy } = makePolicy(options);
    const together = await Promise.all(calls.map((call) => policy.generate(call)));
    expect(together.map(answer)).toEqual(alone.map(answer));
    const again = await Promise.all([...calls].reverse().map((call) => policy.generate(call)));
    expect(again.reverse().map(answer)).toEqual(alone.map(answer));
  });

  it('whatever arrives when', async () => {
    const schedule = fc.array(fc.tuple(fc.nat(calls.length - 1), fc.nat(3)), {
      minLength: 2,
      maxLength: 8,
    });
    await fc.assert(
      fc.asyncProperty(schedule, fc.integer({ min: 1, max: 4 }), async (arrivals, maxRows) => {
        const { policy } = makePolicy({ maxRows });
        const got = arrivals.map(async ([index, turns]) => {
          for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve));
          return [index, answer(await policy.generate(calls[index]!))] as const;
        });
        for (const [index, generation] of await Promise.all(got))
          expect(generation).toEqual(answer(alone[index]!));
      }),
      { numRuns: 8 },
    );
  });
});

describe('a transcript', () => {
  it('costs only what is new on its next turn, and gives what it would give without the cache', async () => {
    const cached = makePolicy().policy;
    const plain = makePolicy({ prefixCacheBytes: 0 }).policy;
    const first = await cached.generate(request(TEXTS[0]!, 'a'));
    const next = request('', 'b', {
      prompt: {
        kind: 'transcript',
        segments: [
          { text: TEXTS[0]! },
          { tokens: first.responseTokens },
          { text: ' You see nothing.' },
        ],
      },
    });
    const warm = await cached.generate(next);
    const cold = await plain.generate(next);
    // All but the last response token, whose keys and values were never needed.
    expect(warm.cachedPromptTokens).toBe(
      first.promptTokens.length + first.responseTokens.length - 1,
    );
    expect(cold.cachedPromptTokens).toBe(0);
    expect(answer(warm)).toEqual(answer(cold));
    expect(
      [...warm.promptTokens.slice(first.promptTokens.length)].slice(0, first.responseTokens.length),
    ).toEqual([...first.responseTokens]);
  });

  it('is prefilled once for calls that begin alike', async () => {
    const { policy } = makePolicy();
    const calls = ['a', 'b', 'c'].map((key) =>
      request(TEXTS.join('').slice(0, 160), key, { maxTokens: 3 }),
    );
    const all = await Promise.all(calls.map((call) => policy.generate(call)));
    const length = all[0]!.promptTokens.length;
    expect(length).toBeGreaterThan(32);
    expect(all.map((generation) => generation.cachedPromptTokens).sort((a, b) => a - b)).toEqual([
      0,
      length - 1,
      length - 1,
    ]);
  });
});

describe('the policy', () => {
  it('counts what it does', async () => {
    const { policy } = makePolicy();
    const all = await Promise.all(
      ['a', 'b', 'c'].map((key) => policy.generate(request('go', key, { maxTokens: 5 }))),
    );
    const stats = policy.stats();
    expect(stats.generatedTokens).toBe(
      all.reduce((sum, { responseTokens }) => sum + responseTokens.length, 0),
    );
    expect(stats.promptTokens).toBe(
      all.reduce((sum, { promptTokens }) => sum + promptTokens.length, 0),
    );
    expect(stats.meanDecodeBatch).toBeGreaterThan(1);
  });

  it('answers with new weights after an update, and forgets the old keys and values', async () => {
    const { policy, engine } = makePolicy();
    const before = await policy.generate(request(TEXTS[0]!, 'a'));
    policy.update({ parameters: engine.parameters(weights(2)), version: 'v2' });
    const after = await policy.generate(request(TEXTS[0]!, 'a'));
    const fresh = await makePolicy({ seed: 2, version: 'v2' }).policy.generate(
      request(TEXTS[0]!, 'a'),
    );
    expect(before.policyVersion).toBe('v1');
    expect(after).toEqual(fresh);
    expect(after.responseTokens).not.toEqual(before.responseTokens);
  });

  it('refuses an update while calls are running', async () => {
    const { policy, engine } = makePolicy();
    const running = policy.generate(request('go', 'a'));
    await new Promise((resolve) => setImmediate(resolve));
    const next = { parameters: engine.parameters(weights(2)), version: 'v2' };
    expect(() => policy.update(next)).toThrow(PolicyError);
    expect(() => policy.update(next)).toThrow('while calls are running');
    await running;
    policy.update(next);
    expect(policy.version()).toBe('v2');
  });

  it('gives up a call that is aborted, waiting or running, and goes on with the others', async () => {
    const { policy } = makePolicy({ maxRows: 1 });
    const [running, waiting, early] = [
      new AbortController(),
      new AbortController(),
      new AbortController(),
    ];
    early.abort();
    const outcomes = Promise.allSettled([
      policy.generate(request('go', 'a', { maxTokens: 60, signal: running.signal })),
      policy.generate(request('go', 'b', { signal: waiting.signal })),
      policy.generate(request('go', 'c', { signal: early.signal })),
      policy.generate(request('go', 'd')),
    ]);
    for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
    waiting.abort();
    running.abort();
    const [a, b, c, d] = await outcomes;
    for (const outcome of [a, b, c]) {
      expect(outcome.status).toBe('rejected');
      expect((outcome as PromiseRejectedResult).reason).toBeInstanceOf(AbortedError);
    }
    const lone = await makePolicy().policy.generate(request('go', 'd'));
    expect((d as PromiseFulfilledResult<Generation>).value).toEqual({
      ...lone,
      cachedPromptTokens: 1,
    });
  });

  it('listens once to a signal that many calls share, and not at all after them', async () => {
    const { policy } = makePolicy();
    const { signal } = new AbortController();
    let listening = 0;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listening += 1;
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listening -= 1;
      remove(...args);
    };
    const keys = ['a', 'b', 'c'];
    const running = Promise.all(keys.map((key) => policy.generate(request('go', key, { signal }))));
    expect(listening).toBe(1);
    await running;
    expect(listening).toBe(0);
  });

  it('ends its calls when it is closed, and takes no more', async () => {
    const { policy } = makePolicy();
    const running = policy.generate(request('go', 'a', { maxTokens: 60 }));
    const ended = expect(running).rejects.toBeInstanceOf(AbortedError);
    await policy.close();
    await ended;
    await expect(policy.generate(request('go', 'b'))).rejects.toThrow('closed');
    await policy.idle();
  });

  it('says that a prompt is too long, empty, or badly sampled', async () => {
    const { policy } = makePolicy();
    await expect(policy.generate(request('x '.repeat(96), 'a'))).rejects.toThrow(
      /96.*Show fewer past turns/,
    );
    const stranger = Int32Array.of(1, config.vocabularySize);
    const odd = { kind: 'transcript', segments: [{ tokens: stranger }] } as const;
    await expect(policy.generate(request('', 'a', { prompt: odd }))).rejects.toThrow(
      new RegExp(`has token ${config.vocabularySize};`),
    );
    await expect(policy.generate(request('', 'a'))).rejects.toBeInstanceOf(PolicyError);
    await expect(policy.generate(request('x', 'a', { temperature: 3 }))).rejects.toThrow(
      'temperature',
    );
    await expect(policy.generate(request('x', 'a', { maxTokens: 0 }))).rejects.toBeInstanceOf(
      InvalidInputError,
    );
  });

  it('says that its weights are not finite, and works again after an update', async () => {
    const broken = Object.fromEntries(
      Object.entries(weights(1)).map(([name, tensor]) => [
        name,
        name === 'layers.0.qkv' ? { ...tensor, data: tensor.data.map(() => NaN) } : tensor,
      ]),
    ) as ReturnType<typeof weights>;
    const engine = referenceEngine();
    const policy = transformerPolicy({
      engine,
      config,
      tokenizer,
      parameters: engine.parameters(broken),
      version: 'bad',
    });
    await expect(policy.generate(request('go', 'a'))).rejects.toThrow('not finite');
    policy.update({ parameters: engine.parameters(weights(1)), version: 'v1' });
    expect(await policy.generate(request('go', 'a'))).toEqual(
      await makePolicy().policy.generate(request('go', 'a')),
    );
  });

  it('passes on that the engine failed, and stays usable', async () => {
    const engine = referenceEngine();
    let failures = 1;
    const flaky: typeof engine = {
      ...engine,
      compile: async (program) => {
        const compiled = await engine.compile(program);
        return {
          ...compiled,
          run: (parameters, inputs) => {
            if (failures-- > 0) return Promise.reject(new Error('out of memory'));
            return compiled.run(parameters, inputs);
          },
        };
      },
    };
    const { policy } = makePolicy({ engine: flaky });
    await expect(policy.generate(request('go', 'a'))).rejects.toThrow(
      /reference failed: out of memory/,
    );
    expect((await policy.generate(request('go', 'a'))).responseTokens.length).toBeGreaterThan(0);
  });

  it('refuses a tokenizer that knows more tokens than the model', () => {
    expect(() => makePolicy({ config: { ...config, vocabularySize: 100 } })).toThrow(
      /vocabularySize/,
    );
  });
});
