import { SamplingUnsupportedError, type Preset } from '../src/index.js';
import { logSoftmax, toyModel, toyResponse, type ToyResponse } from '../src/testing/index.js';
import { generations, messages, rejection, request, serving } from './serving.js';

const model = toyModel();
const prompt = model.encode(model.renderMessages(messages));

const seedOf = (body: Readonly<Record<string, unknown>>): number =>
  Number(body['seed'] ?? (body['sampling_params'] as { sampling_seed?: number }).sampling_seed);

const promptOf = (body: Readonly<Record<string, unknown>>): unknown =>
  body['prompt'] ?? body['input_ids'];

describe.each<Preset>(['vllm', 'sglang', 'llama.cpp'])('the preset %s', (preset) => {
  const drawnBy = (
    body: Readonly<Record<string, unknown>>,
    temperature: number,
    maxTokens = 12,
    stop: readonly string[] = [],
  ): ToyResponse =>
    toyResponse(model, promptOf(body) as number[], {
      temperature,
      maxTokens,
      seed: seedOf(body),
      stop,
    });

  it.each([1, 0.5, 1.7])(
    'tells the ids and log-probabilities that were sampled at temperature %d',
    (temperature) =>
      serving(preset, { version: '7' }, async (policy, server) => {
        const generation = await policy.generate(request({ temperature }));
        const { body } = generations(server)[0]!;
        const drawn = drawnBy(body, temperature);
        expect(promptOf(body)).toEqual(prompt);
        expect([...generation.promptTokens]).toEqual(prompt);
        expect([...generation.responseTokens]).toEqual(drawn.tokens);
        expect(generation.text).toBe(drawn.text);
        expect(generation.finish).toBe(drawn.finish);
        expect(generation.policyVersion).toBe('7');
        expect(generation.logProbs).toHaveLength(drawn.tokens.length);
        for (const [i, token] of drawn.tokens.entries())
          expect(generation.logProbs[i]).toBeCloseTo(
            logSoftmax(drawn.logits[i]!, temperature)[token]!,
            5,
          );
      }),
  );

  it('gives all the probability to the token that is taken at temperature 0', () =>
    serving(preset, {}, async (policy) => {
      const generation = await policy.generate(
        request({ temperature: 0, topP: 0.5 }, { want: { topLogProbs: 2, entropies: true } }),
      );
      expect([...generation.logProbs]).toEqual(Array(generation.responseTokens.length).fill(0));
      expect([...(generation.entropies ?? [])]).toEqual([...generation.logProbs]);
      expect(generation.topLogProbs).toEqual(
        [...generation.responseTokens].map((token) => [{ token, logProb: 0 }]),
      );
    }));

  it('samples the same for the same key, and other responses for other keys', () =>
    serving(preset, {}, async (policy) => {
      const [one, again, other] = await Promise.all([
        policy.generate(request({ maxTokens: 40 })),
        policy.generate(request({ maxTokens: 40 })),
        policy.generate(request({ maxTokens: 40 }, { key: ['test', 2] })),
      ]);
      expect(again.responseTokens).toEqual(one.responseTokens);
      expect(other.responseTokens).not.toEqual(one.responseTokens);
    }));

  it.each([false, true])(
    'keeps every token that was sampled when a stop string ends the response (includeStop: %s)',
    (includeStop) =>
      serving(preset, {}, async (policy, server) => {
        // A long response has the word in it sooner or later.
        const stop = ['open door'];
        const generation = await policy.generate(
          request({ maxTokens: 200, stop, includeStop }, { key: ['stop'] }),
        );
        const drawn = drawnBy(generations(server)[0]!.body, 1, 200, stop);
        expect(drawn.stoppedBy).toBe('open door');
        expect(generation.finish).toBe('stop');
        expect(generation.text).toBe(drawn.text + (includeStop ? 'open door' : ''));
        expect([...generation.responseTokens]).toEqual(drawn.tokens);
        expect(generation.logProbs).toHaveLength(drawn.tokens.length);
      }),
  );

  it('takes the ids that are kept as they are, and encodes the texts between them one by one', () =>
    serving(preset, {}, async (policy, server) => {
      // `go` and ` north` as bytes: the text `go north` would be one token.
      const kept = Int32Array.from(
        [...new TextEncoder().encode('go north')].map((byte) => byte + 22),
      );
      expect(model.decode([...kept])).toBe('go north');
      expect(model.encode('go north')).not.toEqual([...kept]);
      const generation = await policy.generate(
        request(
          {},
          {
            prompt: {
              kind: 'transcript',
              segments: [{ text: 'look' }, { tokens: kept }, { text: ' then' }],
            },
          },
        ),
      );
      const expected = [...model.encode('look'), ...kept, ...model.encode(' then')];
      expect(promptOf(generations(server)[0]!.body)).toEqual(expected);
      expect([...generation.promptTokens]).toEqual(expected);
    }));

  it('asks the server for the tokens of the same chat once, and never when it has a tokenizer', async () => {
    const tokenizations = (requests: readonly { readonly path: string; readonly body: object }[]) =>
      requests.filter(
        ({ path, body }) => path === '/tokenize' && JSON.stringify(body).includes('look'),
      );
    await serving(preset, {}, async (policy, server) => {
      await Promise.all([1, 2, 3].map((i) => policy.generate(request({}, { key: ['once', i] }))));
      expect(tokenizations(server.requests)).toHaveLength(1);
    });
    const tokenizer = {
      encode: (text: string) => Int32Array.from(model.encode(text)),
      renderMessages: model.renderMessages,
      hasChatTemplate: true,
    };
    await serving(preset, { tokenizer }, async (policy, server) => {
      const generation = await policy.generate(request());
      expect([...generation.promptTokens]).toEqual(prompt);
      expect(tokenizations(server.requests)).toHaveLength(0);
    });
  });

  it('tells the likeliest alternatives, most likely first', () =>
    serving(preset, {}, async (policy, server) => {
      const generation = await policy.generate(request({}, { want: { topLogProbs: 3 } }));
      const drawn = drawnBy(generations(server)[0]!.body, 1);
      const expected = drawn.logits.map((row) =>
        [...logSoftmax(row, 1).entries()].sort((a, b) => b[1] - a[1]).slice(0, 3),
      );
      expect(generation.topLogProbs?.map((list) => list.map(({ token }) => token))).toEqual(
        expected.map((list) => list.map(([token]) => token)),
      );
      expect(generation.topLogProbs?.[0]?.[0]?.logProb).toBeCloseTo(expected[0]![0]![1], 5);
    }));

  it('counts the prompt tokens that came from the prefix cache', () =>
    serving(preset, {}, async (policy) => {
      const prompt = {
        kind: 'transcript',
        segments: [{ tokens: new Int32Array(100).fill(5) }],
      } as const;
      const first = await policy.generate(request({}, { prompt }));
      const second = await policy.generate(request({}, { prompt, key: ['test', 2] }));
      expect(first.cachedPromptTokens).toBe(0);
      // vLLM knows whole blocks of 16; the others know all but the last token, whose logits are wanted.
      expect(second.cachedPromptTokens).toBe(preset === 'vllm' ? 96 : 99);
      expect(policy.stats()).toEqual({
        responses: 2,
        promptTokens: 200,
        cachedPromptTokens: second.cachedPromptTokens,
        responseTokens: first.responseTokens.length + second.responseTokens.length,
      });
    }));

  it('says in every request what shapes the distribution, since servers have defaults of the model', () =>
    serving(preset, {}, async (policy, server) => {
      await policy.generate(request());
      const { body } = generations(server)[0]!;
      const said = { ...body, ...(body['sampling_params'] as object | undefined) };
      expect(said).toMatchObject({
        temperature: 1,
        top_p: 1,
        min_p: 0,
        presence_penalty: 0,
        frequency_penalty: 0,
      });
      expect(said).toMatchObject(
        preset === 'llama.cpp'
          ? { samplers: ['temperature'], top_k: 0, repeat_penalty: 1 }
          : { top_k: -1, repetition_penalty: 1 },
      );
    }));

  it.each([{ topK: 5 }, { topP: 0.9 }, { minP: 0.1 }])(
    'refuses %j, since no server tells how much it cuts away',
    (narrowed) =>
      serving(preset, {}, async (policy, server) => {
        const cause = await rejection(policy.generate(request(narrowed)));
        expect(cause).toBeInstanceOf(SamplingUnsupportedError);
        expect(cause).toMatchObject({
          field: `sampling.${Object.keys(narrowed)[0]}`,
          retryable: false,
        });
        expect(server.requests).toHaveLength(0);
      }),
  );

  it('may be told top-p 1, which narrows nothing', () =>
    serving(preset, {}, async (policy) => {
      expect((await policy.generate(request({ topP: 1, minP: 0 }))).logKept).toBeUndefined();
    }));
});
