import { InvalidInputError } from '@spark-rl/core';

import {
  openaiCompatiblePolicy,
  requireTokens,
  SamplingUnsupportedError,
  TokensUnavailableError,
} from '../src/index.js';
import { generations, messages, quick, rejection, request, serving } from './serving.js';

describe('the preset openai', () => {
  it.each([false, true])('gives texts without tokens (stream: %s)', (stream) =>
    serving('openai', { stream, version: 'gpt' }, async (policy, server) => {
      const generation = await policy.generate(
        request({}, { want: { topLogProbs: 2, entropies: true } }),
      );
      const [{ body }] = generations(server) as [(typeof server.requests)[number]];
      expect(body).toMatchObject({
        messages,
        temperature: 1,
        top_p: 1,
        max_tokens: 12,
        model: 'toy',
      });
      expect(generation.text).not.toBe('');
      expect(generation).toMatchObject({ policyVersion: 'gpt', topLogProbs: [] });
      for (const list of [
        generation.promptTokens,
        generation.responseTokens,
        generation.logProbs,
        generation.entropies,
      ])
        expect(list).toHaveLength(0);
    }),
  );

  it('gives the same text streamed and at once', async () => {
    const [once, streamed] = await Promise.all(
      [false, true].map((stream) =>
        serving('openai', { stream }, (policy) => policy.generate(request({ maxTokens: 40 }))),
      ),
    );
    expect(streamed).toEqual(once);
  });

  it('is refused for training, with the reason', () =>
    serving('openai', {}, (policy) => {
      expect(policy.capabilities.tokens).toBe(false);
      expect(() => requireTokens(policy)).toThrow(TokensUnavailableError);
      expect(() => requireTokens(policy)).toThrow(
        'tells neither the token ids nor the log-probabilities',
      );
      expect(() => requireTokens({ id: 'other', generate: policy.generate })).not.toThrow();
      return Promise.resolve();
    }));

  it('cannot be asked for tokens, nor to go on from them', async () => {
    expect(() =>
      openaiCompatiblePolicy({
        preset: 'openai',
        url: 'http://127.0.0.1:1',
        model: 'm',
        tokens: true,
      }),
    ).toThrow(InvalidInputError);
    await serving('openai', {}, async (policy) => {
      const prompt = { kind: 'transcript', segments: [{ tokens: Int32Array.of(1) }] } as const;
      expect(await rejection(policy.generate(request({}, { prompt })))).toMatchObject({
        code: 'policy',
        field: 'prompt',
      });
    });
  });

  it('cuts responses that are to keep their stop string, which the server would not tell', () =>
    serving('openai', {}, async (policy, server) => {
      const generation = await policy.generate(
        request({ maxTokens: 200, stop: ['open door'], includeStop: true }, { key: ['stop'] }),
      );
      expect(generations(server)[0]!.body).not.toHaveProperty('stop');
      expect(generation.text.endsWith('open door')).toBe(true);
      expect(generation.text.indexOf('open door')).toBe(
        generation.text.length - 'open door'.length,
      );
      expect(generation.finish).toBe('stop');
    }));

  it('cuts at more stop strings than the API takes', () =>
    serving('openai', {}, async (policy) => {
      const stop = ['1', '2', '3', '4', 'open door'];
      const generation = await policy.generate(
        request({ maxTokens: 200, stop }, { key: ['stop'] }),
      );
      expect(generation.text).not.toContain('open door');
      expect(generation.finish).toBe('stop');
    }));

  it('leaves out what a provider refuses, and says more where it wants more', () =>
    serving(
      'openai',
      {
        omit: ['temperature', 'top_p', 'seed'],
        extra: { reasoning_effort: 'low' },
        maxTokensField: 'max_completion_tokens',
      },
      async (policy, server) => {
        await policy.generate(request());
        const { body } = generations(server)[0]!;
        expect(Object.keys(body).sort()).toEqual(
          ['max_completion_tokens', 'messages', 'model', 'n', 'reasoning_effort'].sort(),
        );
      },
    ));

  it('refuses a constraint', () =>
    serving('openai', {}, async (policy) => {
      const constraint = { id: 'numbers', start: 0, next: () => -1, accepts: () => true };
      const cause = await rejection(policy.generate(request({ constraint })));
      expect(cause).toBeInstanceOf(SamplingUnsupportedError);
      expect(String(cause)).toContain('numbers');
    }));

  it('tells when the provider withheld the response', () =>
    serving('openai', {}, async (policy, server) => {
      server.fail(({ path }) =>
        path === '/v1/chat/completions'
          ? {
              kind: 'change',
              change: (answer) => {
                const { choices, ...rest } = answer as unknown as { choices: object[] };
                return {
                  ...rest,
                  choices: choices.map((c) => ({ ...c, finish_reason: 'content_filter' })),
                };
              },
            }
          : undefined,
      );
      expect(await rejection(policy.generate(request()))).toMatchObject({
        code: 'policy',
        retryable: false,
      });
    }));

  it('does not care whether the address ends with /v1', async () => {
    await serving('openai', {}, async (_, server) => {
      for (const url of [`${server.url}/v1`, `${server.url}/v1/`, `${server.url}/`]) {
        const policy = openaiCompatiblePolicy({ preset: 'openai', url, ...quick });
        expect((await policy.generate(request())).text).not.toBe('');
        await policy.close();
      }
    });
  });
});
