import {
  requireTokens,
  SamplingUnsupportedError,
  TokenMismatchError,
  TokensUnavailableError,
} from '../src/index.js';
import { startVllmDouble, toyModel, type VllmDouble } from '../src/testing/index.js';
import { generations, messages, rejection, request, serving } from './serving.js';

const raw = { logProbsMode: 'raw' } as const;
const rawDouble = (): Promise<VllmDouble> => startVllmDouble({ model: toyModel() });

describe('the preset vllm', () => {
  it('gives the same response by chat, by completions, and streamed', async () => {
    const responses = [];
    for (const api of ['completions', 'chat'] as const)
      for (const stream of [false, true])
        responses.push(
          await serving('vllm', { api, stream }, async (policy, server) => {
            const generation = await policy.generate(
              request({ maxTokens: 30, stop: ['read note'] }, { want: { topLogProbs: 2 } }),
            );
            expect(generations(server)).toHaveLength(1);
            expect(generations(server)[0]!.path).toBe(
              api === 'chat' ? '/v1/chat/completions' : '/v1/completions',
            );
            return generation;
          }),
        );
    expect(responses[0]!.responseTokens.length).toBeGreaterThan(2);
    for (const response of responses) expect(response).toEqual(responses[0]);
  });

  it('is not asked to tokenize by chat', () =>
    serving('vllm', { api: 'chat' }, async (policy, server) => {
      await policy.generate(request());
      const sample = server.requests.filter(({ path }) => path === '/tokenize');
      // One look at the tokenizer itself, none at the prompt.
      expect(sample).toHaveLength(1);
      expect(generations(server)[0]!.body['messages']).toEqual(messages);
    }));

  it('refuses a temperature whose log-probabilities the server cannot tell, and says what to do', () =>
    serving(
      'vllm',
      raw,
      async (policy) => {
        const cause = await rejection(policy.generate(request({ temperature: 0.4 })));
        expect(cause).toBeInstanceOf(SamplingUnsupportedError);
        expect(String(cause)).toContain('--logprobs-mode processed_logprobs');
        await policy.generate(request({ temperature: 1 }));
        await policy.generate(request({ temperature: 0 }));
      },
      rawDouble,
    ));

  it('is evaluated at any temperature, with any sampling, without tokens', () =>
    serving(
      'vllm',
      { ...raw, tokens: false },
      async (policy, server) => {
        const generation = await policy.generate(
          request({ temperature: 0.4, topK: 20, topP: 0.9, minP: 0.05 }),
        );
        expect(generation.text).not.toBe('');
        expect(generation.responseTokens).toHaveLength(0);
        expect(generations(server)[0]!.body).toMatchObject({
          temperature: 0.4,
          top_k: 20,
          top_p: 0.9,
          min_p: 0.05,
        });
        expect(() => requireTokens(policy)).toThrow('it was made with tokens: false');
      },
      rawDouble,
    ));

  it('asks for an adapter by its name, from the next call on, and stamps its version', () =>
    serving(
      'vllm',
      { version: 'base' },
      async (policy, server) => {
        const load = (lora_name: string): Promise<Response> =>
          fetch(`${server.url}/v1/load_lora_adapter`, {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ lora_name, lora_path: '/adapters/1' }),
          });
        expect((await load('policy-v1')).status).toBe(200);
        expect((await load('policy-v1')).status).toBe(400);
        const before = policy.generate(request());
        policy.use({ model: 'policy-v1', version: '1' });
        const after = await policy.generate(request({}, { key: ['after'] }));
        expect((await before).policyVersion).toBe('base');
        expect(after.policyVersion).toBe('1');
        expect(
          generations(server)
            .map(({ body }) => body['model'])
            .sort(),
        ).toEqual(['policy-v1', 'toy']);
        policy.use({ model: 'policy-v2', version: '2' });
        expect(await rejection(policy.generate(request()))).toMatchObject({
          status: 404,
          retryable: false,
        });
      },
      () => startVllmDouble(),
    ));

  it('tells a context that is too long in the words of the server', () =>
    serving('vllm', {}, async (policy) => {
      const cause = await rejection(policy.generate(request({ maxTokens: 5000 })));
      expect(cause).toMatchObject({ code: 'endpoint', status: 400, retryable: false });
      expect(String(cause)).toContain("This model's maximum context length is 4096 tokens.");
    }));

  it.each<[string, (choice: Record<string, unknown>) => object, unknown]>([
    ['has no ids', (choice) => ({ ...choice, token_ids: null }), TokensUnavailableError],
    [
      'has no log-probabilities',
      (choice) => ({ ...choice, logprobs: null }),
      TokensUnavailableError,
    ],
    [
      'lacks an id',
      (choice) => ({ ...choice, token_ids: (choice['token_ids'] as number[]).slice(1) }),
      TokenMismatchError,
    ],
    [
      'read another prompt',
      (choice) => ({ ...choice, prompt_token_ids: [1, 2, 3] }),
      TokenMismatchError,
    ],
    [
      'has a log-probability above 0',
      (choice) => ({
        ...choice,
        logprobs: {
          ...(choice['logprobs'] as object),
          token_logprobs: Array((choice['token_ids'] as number[]).length).fill(0.5),
        },
      }),
      TokenMismatchError,
    ],
  ])('refuses an answer that %s, once and for all', (_, change, type) =>
    serving('vllm', {}, async (policy, server) => {
      server.fail(({ path }) =>
        path === '/v1/completions'
          ? {
              kind: 'change',
              change: (answer) => {
                const completion = answer as { choices: Record<string, unknown>[] };
                return { ...completion, choices: completion.choices.map(change) };
              },
            }
          : undefined,
      );
      const cause = await rejection(policy.generate(request()));
      expect(cause).toBeInstanceOf(type);
      expect(cause).toMatchObject({ retryable: false });
      expect(generations(server)).toHaveLength(1);
    }),
  );

  it('refuses a server that takes the reasoning out of its responses', () =>
    serving('vllm', { api: 'chat' }, async (policy, server) => {
      server.fail(({ path }) =>
        path === '/v1/chat/completions'
          ? {
              kind: 'change',
              change: (answer) => {
                const { choices, ...rest } = answer as unknown as {
                  choices: { message: object }[];
                };
                return {
                  ...rest,
                  choices: choices.map((choice) => ({
                    ...choice,
                    message: { ...choice.message, reasoning: 'hm' },
                  })),
                };
              },
            }
          : undefined,
      );
      const cause = await rejection(policy.generate(request()));
      expect(cause).toBeInstanceOf(TokenMismatchError);
      expect(String(cause)).toContain('--reasoning-parser');
    }));
});
