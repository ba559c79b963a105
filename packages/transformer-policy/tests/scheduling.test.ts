import type { Generation, GenerationRequest } from '@spark-rl/core';
import { referenceEngine, type Engine } from '@spark-rl/tensor';
import fc from 'fast-check';

import { textConstraint } from '../src/index.js';
import { config, makePolicy, request, tokenizer } from './support.js';

/** An engine that tells which programs ran, one entry a feed: its last stage alone counts. */
function watched(): { readonly engine: Engine; readonly feeds: string[] } {
  const inner = referenceEngine();
  const feeds: string[] = [];
  const engine: Engine = {
    ...inner,
    compile: async (program) => {
      const compiled = await inner.compile(program);
      if (!program.name.endsWith('-embed')) return compiled;
      return {
        ...compiled,
        run: (parameters, inputs) => {
          const [rows, time] = inputs['tokens']!.shape;
          feeds.push(`${program.name.replace('-embed', '')} ${rows}x${time}`);
          return compiled.run(parameters, inputs);
        },
      };
    },
  };
  return { engine, feeds };
}

/** A response that cannot end before its last token. */
const endless = (key: string, maxTokens: number): GenerationRequest =>
  request('go', key, {
    sampling: {
      temperature: 1,
      maxTokens,
      constraint: textConstraint({ repeat: { characters: '[^]' }, min: 500 }),
    },
  });
const long = 'You see a mug 1, a plate 2. '.repeat(4);
const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const sum = (all: readonly Generation[], of: (one: Generation) => number): number =>
  all.reduce((total, one) => total + of(one), 0);

describe('scheduling', () => {
  it('reads a long prompt between the steps of rows that decode', async () => {
    const { engine, feeds } = watched();
    const { policy } = makePolicy({ engine, prefillChunk: 4, prefillTokens: 4 });
    const running = policy.generate(endless('a', 40));
    while (!feeds.some((feed) => feed.startsWith('decode'))) await tick();
    const before = feeds.length;
    const late = policy.generate(request(long, 'b', { maxTokens: 1 }));
    await Promise.all([running, late]);
    const chunks = Math.ceil((await late).promptTokens.length / 4);
    expect(chunks).toBeGreaterThan(6);
    const both = feeds.slice(before);
    // No two chunks without a decode step between them, for as long as the first response runs.
    const until = both.map((feed) => feed.startsWith('decode')).lastIndexOf(true);
    const whileRunning = both.slice(0, until + 1).join(' ');
    expect(whileRunning).not.toMatch(/prefill \S+ prefill/);
    expect(whileRunning.match(/prefill/g)!.length).toBeGreaterThan(5);
  });

  it('does not wait with prompts when nothing decodes', async () => {
    const { engine, feeds } = watched();
    const { policy } = makePolicy({ engine, prefillChunk: 8, prefillTokens: 8 });
    await Promise.all(
      ['a', 'b', 'c'].map((key) =>
        policy.generate(request(`${key} look around you`, key, { maxTokens: 1 })),
      ),
    );
    expect(feeds[0]).toMatch(/^prefill 3x/);
  });

  it('lets the prompt that came first go first when not all may', async () => {
    const { policy } = makePolicy({ prefillChunk: 4, prefillTokens: 4 });
    const order: string[] = [];
    const running = policy.generate(endless('a', 60));
    await tick();
    await tick();
    const late = [];
    for (const [name, text] of [
      ['long', long],
      ['one', 'look around you'],
      ['two', 'take the mug'],
    ] as const) {
      late.push(
        policy.generate(request(text, name, { maxTokens: 1 })).then(() => order.push(name)),
      );
      await tick();
      await tick();
    }
    await Promise.all([running, ...late]);
    expect(order).toEqual(['long', 'one', 'two']);
  });

  it('gives the place of a response that ended to a call that waits, while others go on', async () => {
    const { engine, feeds } = watched();
    const { policy } = makePolicy({ engine, maxRows: 3 });
    const lengths = [3, 30, 30, 5, 5, 5, 5];
    const done: number[] = [];
    const all = await Promise.all(
      lengths.map(async (maxTokens, i) => {
        const generation = await policy.generate(request(`go ${i}`, `${i}`, { maxTokens }));
        done.push(i);
        return generation;
      }),
    );
    // The short ones pass the two long ones by, one after the other in the first one's place.
    const short = [0, 3, 4, 5, 6].filter((i) => all[i]!.responseTokens.length < 20);
    expect(done.indexOf(3)).toBeLessThan(done.indexOf(1));
    expect(short).toHaveLength(5);
    // Decode feeds never hold more than the three rows, and the places are used: fewer steps than one after the other.
    const decodes = feeds.filter((feed) => feed.startsWith('decode'));
    expect(decodes.every((feed) => /^decode [23]x1$/.test(feed))).toBe(true);
    const { meanDecodeBatch, decodeSteps } = policy.stats();
    expect(meanDecodeBatch).toBeGreaterThan(1.2);
    expect(decodeSteps).toBeLessThan(sum(all, ({ responseTokens }) => responseTokens.length));
  });

  it('changes no bit of a response, however prompts are read between the steps of others', async () => {
    const wide = { ...config, contextLength: 320 };
    const calls = [long.repeat(3), long.slice(0, 50), 'go', long.slice(7), 'a long way'].map(
      (text, i) => request(text, `${i}`, { maxTokens: 12 }),
    );
    const lone = makePolicy({ config: wide, prefixCacheBytes: 0, prefillChunk: 512 }).policy;
    const alone: Generation[] = [];
    for (const call of calls) alone.push(await lone.generate(call));
    expect(alone[0]!.promptTokens.length).toBeGreaterThan(200);
    const arrivals = fc.array(fc.tuple(fc.nat(calls.length - 1), fc.nat(6)), {
      minLength: 3,
      maxLength: 7,
    });
    const limits = fc.record({
      maxRows: fc.integer({ min: 2, max: 5 }),
      prefillChunk: fc.integer({ min: 8, max: 40 }),
      prefillTokens: fc.integer({ min: 8, max: 80 }),
      prefixCacheBytes: fc.constantFrom(0, 2 ** 26),
    });
    await fc.assert(
      fc.asyncProperty(arrivals, limits, async (schedule, options) => {
        const { policy } = makePolicy({ config: wide, ...options });
        const all = schedule.map(async ([index, turns]) => {
          for (let i = 0; i < turns; i++) await tick();
          const generation = await policy.generate(calls[index]!);
          expect({ ...generation, cachedPromptTokens: 0 }).toEqual(alone[index]);
        });
        await Promise.all(all);
      }),
      { numRuns: 8 },
    );
  });

  it('computes only what is new of siblings and of later turns, and counts it', async () => {
    const roots = ['a', 'b', 'c', 'd'];
    const grow = async (
      prefixCacheBytes?: number,
    ): Promise<
      ReturnType<ReturnType<typeof makePolicy>['policy']['stats']> & { all: Generation[] }
    > => {
      const options = prefixCacheBytes === undefined ? {} : { prefixCacheBytes };
      const { policy } = makePolicy({ ...options, prefillChunk: 8 });
      const first = await Promise.all(
        roots.map((key) => policy.generate(request(long.slice(0, 60), key, { maxTokens: 6 }))),
      );
      const turns = first.flatMap((generation, i) =>
        ['x', 'y'].map((key) =>
          policy.generate(
            request('', `${i}${key}`, {
              maxTokens: 4,
              prompt: {
                kind: 'transcript',
                segments: [
                  { tokens: generation.promptTokens },
                  { tokens: generation.responseTokens },
                  { text: ' You see a plate 2.' },
                ],
              },
            }),
          ),
        ),
      );
      return {
        ...policy.stats(),
        all: [...first, ...(await Promise.all(turns))],
        ...policy.stats(),
      };
    };
    const [cached, plain] = [await grow(), await grow(0)];
    expect(cached.all.map(({ text }) => text)).toEqual(plain.all.map(({ text }) => text));
    expect(plain.prefilledTokens).toBe(sum(plain.all, ({ promptTokens }) => promptTokens.length));
    expect(cached.prefilledTokens).toBe(cached.promptTokens - cached.cachedPromptTokens);
    expect(cached.promptTokens).toBe(plain.prefilledTokens);

    // By hand: the first prompt once, one token each for its three siblings; for every later turn the last response token and the new
    // text, and for its sibling the same (less than is worth waiting for) or one token.
    const root = cached.all[0]!.promptTokens.length;
    const added = tokenizer.encode(' You see a plate 2.').length;
    expect(cached.prefilledTokens).toBeLessThanOrEqual(root + 3 + 8 * (1 + added));
    expect(cached.prefilledTokens).toBeGreaterThanOrEqual(root + 3 + 4 * (2 + added));
    expect(cached.prefillSteps).toBeGreaterThan(1);
  });
});
