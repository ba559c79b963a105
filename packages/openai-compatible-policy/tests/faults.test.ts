import { AbortedError, EndpointError, PolicyError } from '@spark-rl/core';

import {
  openaiCompatiblePolicy,
  TokenizerChangedError,
  TokenMismatchError,
  type Preset,
} from '../src/index.js';
import { startVllmDouble, toyModel, type Fault, type ServerDouble } from '../src/testing/index.js';
import { generations, isGeneration, rejection, request, serving } from './serving.js';

/** The first `times` generations fail so. */
function failing(server: ServerDouble, fault: Fault, times = 1): void {
  let left = times;
  server.fail((asked) => (isGeneration(asked) && left-- > 0 ? fault : undefined));
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe.each<Preset>(['vllm', 'sglang', 'llama.cpp', 'openai'])(
  'a server of the preset %s',
  (preset) => {
    const passing: readonly [string, Fault][] = [
      ['answers 429', { kind: 'status', status: 429 }],
      [
        'answers 429 with Retry-After',
        { kind: 'status', status: 429, headers: { 'retry-after': '0.05' } },
      ],
      ['answers 500', { kind: 'status', status: 500 }],
      [
        'answers 503 with an error page',
        { kind: 'status', status: 503, body: '<html>busy</html>' },
      ],
      ['hangs up', { kind: 'hang-up' }],
      ['cuts its answer', { kind: 'cut', share: 0.5 }],
      ['sends garbage', { kind: 'garbage', text: '{"choices": [{"text": "lo' }],
      ['sends other JSON', { kind: 'garbage', text: '{"hello": "world"}' }],
      ['sends nothing', { kind: 'garbage', text: '' }],
      ['begins too late', { kind: 'slow', ms: 2_000 }],
      ['stops in the middle', { kind: 'stall', ms: 2_000 }],
    ];
    it.each(passing)(
      'that %s once is asked again, and the response is as if nothing had been',
      async (_, fault) => {
        // Short only where it is waited for: a busy machine is slow, too.
        const options = /slow|stall/.test(fault.kind)
          ? { limits: { headersMs: 500, stallMs: 500 } }
          : {};
        const undisturbed = await serving(preset, options, (policy) => policy.generate(request()));
        await serving(preset, options, async (policy, server) => {
          failing(server, fault);
          const response = await policy.generate(request());
          // The first try may have left its prompt in the cache.
          expect({ ...response, cachedPromptTokens: 0 }).toEqual({
            ...undisturbed,
            cachedPromptTokens: 0,
          });
          expect(generations(server)).toHaveLength(2);
          // Asked the same, not something else.
          expect(generations(server)[1]!.body).toEqual(generations(server)[0]!.body);
        });
      },
    );

    it.each(passing.filter(([what]) => !/late|middle/.test(what)))(
      'that always %s fails after as many tries as allowed, with a typed error',
      (_, fault) =>
        serving(preset, { tries: 3 }, async (policy, server) => {
          failing(server, fault, Infinity);
          const cause = await rejection(policy.generate(request()));
          expect(cause).toBeInstanceOf(EndpointError);
          expect(cause).toMatchObject({ retryable: true });
          expect(generations(server)).toHaveLength(3);
          expect(policy.stats().responses).toBe(0);
        }),
    );

    it.each([400, 401, 403, 404, 422])('that answers %d is not asked again', (status) =>
      serving(preset, {}, async (policy, server) => {
        failing(server, { kind: 'status', status }, Infinity);
        const cause = await rejection(policy.generate(request()));
        expect(cause).toMatchObject({ code: 'endpoint', status, retryable: false });
        expect(String(cause)).toContain(`a fault of ${status}`);
        expect(generations(server)).toHaveLength(1);
      }),
    );

    it('is let go of when the caller stops, at once', () =>
      serving(preset, {}, async (policy, server) => {
        failing(server, { kind: 'slow', ms: 5_000 }, Infinity);
        const stop = new AbortController();
        const call = rejection(policy.generate(request({}, { signal: stop.signal })));
        while (generations(server).length === 0) await wait(5);
        stop.abort();
        expect(await call).toBeInstanceOf(AbortedError);
        // The server is told by the connection's end, so that it stops generating.
        while (server.abandoned() === 0) await wait(5);
        expect(
          await rejection(policy.generate(request({}, { signal: stop.signal }))),
        ).toBeInstanceOf(AbortedError);
      }));

    it('is never asked more at once than allowed', () =>
      serving(preset, { concurrency: 3 }, async (policy, server) => {
        await Promise.all(
          Array.from({ length: 12 }, (_, i) => policy.generate(request({}, { key: ['many', i] }))),
        );
        expect(server.mostAtOnce()).toBeLessThanOrEqual(3);
        expect(policy.servers()[0]).toMatchObject({
          callsInFlight: 0,
          tokensInFlight: 0,
          failed: 0,
        });
      }));
  },
);

describe('a server that asks to wait', () => {
  it('is not asked again before', () =>
    serving('vllm', {}, async (policy, server) => {
      failing(server, { kind: 'status', status: 429, headers: { 'retry-after-ms': '300' } });
      const start = performance.now();
      await policy.generate(request());
      expect(performance.now() - start).toBeGreaterThanOrEqual(299);
    }));

  it('for the time until its rate limit is reset, is left alone as long', () =>
    serving('openai', {}, async (policy, server) => {
      failing(server, {
        kind: 'status',
        status: 429,
        headers: { 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': '250ms' },
      });
      const start = performance.now();
      await policy.generate(request());
      expect(performance.now() - start).toBeGreaterThanOrEqual(249);
    }));

  it('is not asked by others either', () =>
    serving('vllm', {}, async (policy, server) => {
      await policy.generate(request());
      failing(server, { kind: 'status', status: 429, headers: { 'retry-after-ms': '400' } });
      const first = policy.generate(request({}, { key: ['first'] }));
      while (generations(server).length < 2) await wait(1);
      await wait(50);
      const start = performance.now();
      await policy.generate(request({}, { key: ['second'] }));
      expect(performance.now() - start).toBeGreaterThan(200);
      await first;
    }));

  it('is not asked by those either that wait in the queue', () =>
    serving('vllm', { concurrency: 1 }, async (policy, server) => {
      await policy.generate(request());
      const times: number[] = [];
      server.fail((asked) => {
        if (!isGeneration(asked)) return undefined;
        times.push(performance.now());
        return times.length === 1
          ? { kind: 'status', status: 429, headers: { 'retry-after-ms': '400' } }
          : undefined;
      });
      await Promise.all([1, 2, 3].map((i) => policy.generate(request({}, { key: ['queue', i] }))));
      expect(times).toHaveLength(4);
      expect(times[1]! - times[0]!).toBeGreaterThan(395);
    }));

  it('for longer than the longest delay is not asked by others at all', () =>
    serving('vllm', { longestDelayMs: 100 }, async (policy, server) => {
      server.fail((asked) =>
        isGeneration(asked)
          ? { kind: 'status', status: 429, headers: { 'retry-after': '3600' } }
          : undefined,
      );
      await rejection(policy.generate(request()));
      const asked = server.requests.length;
      const cause = await rejection(policy.generate(request({}, { key: ['another'] })));
      expect(cause).toMatchObject({ code: 'endpoint', status: 429, retryable: true });
      expect(server.requests).toHaveLength(asked);
    }));

  it('for longer than the longest delay is given up, not asked too early', () =>
    serving('vllm', {}, async (policy, server) => {
      failing(server, { kind: 'status', status: 429, headers: { 'retry-after': '3600' } });
      expect(await rejection(policy.generate(request()))).toMatchObject({
        status: 429,
        retryAfterMs: 3_600_000,
      });
      expect(generations(server)).toHaveLength(1);
    }));
});

describe('a stream that is cut cleanly, between two events', () => {
  it.each<Preset>(['vllm', 'llama.cpp', 'openai'])('is asked for again (%s)', (preset) =>
    serving(preset, preset === 'llama.cpp' ? {} : { stream: true }, async (policy, server) => {
      failing(server, {
        kind: 'change',
        change: (events) => (events as readonly unknown[]).slice(0, 1),
      });
      expect((await policy.generate(request())).text).not.toBe('');
      expect(generations(server)).toHaveLength(2);
    }),
  );

  it('ends with an error of the server: its message is told', () =>
    serving('vllm', { stream: true, tries: 1 }, async (policy, server) => {
      failing(server, {
        kind: 'change',
        change: () => [
          { error: { message: 'CUDA out of memory', type: 'InternalServerError', code: 500 } },
        ],
      });
      expect(String(await rejection(policy.generate(request())))).toContain('CUDA out of memory');
    }));
});

describe('a server that counts wrong', () => {
  const counts: readonly [Preset, (answer: never) => unknown][] = [
    [
      'vllm',
      (answer: { usage: object }) => ({
        ...answer,
        usage: { ...answer.usage, completion_tokens: 99 },
      }),
    ],
    [
      'vllm',
      (answer: { usage: object }) => ({ ...answer, usage: { ...answer.usage, prompt_tokens: 1 } }),
    ],
    [
      'sglang',
      (answer: { meta_info: object }) => ({
        ...answer,
        meta_info: { ...answer.meta_info, completion_tokens: 99 },
      }),
    ],
    [
      'sglang',
      (answer: { output_ids: number[] }) => ({
        ...answer,
        output_ids: answer.output_ids.map((id) => id + 1),
      }),
    ],
    ['llama.cpp', (events: { tokens: number[] }[]) => [...events.slice(1)]],
    [
      'llama.cpp',
      (events: { tokens_evaluated: number }[]) =>
        events.map((event) => ({ ...event, tokens_evaluated: 1 })),
    ],
  ];
  it.each(counts)('is refused (%s)', (preset, change) =>
    serving(preset, {}, async (policy, server) => {
      failing(server, { kind: 'change', change: change as never }, Infinity);
      const cause = await rejection(policy.generate(request()));
      expect(cause).toBeInstanceOf(TokenMismatchError);
      expect(generations(server)).toHaveLength(1);
    }),
  );
});

describe('a server that changes its tokenizer', () => {
  const other = toyModel({ tokenizer: 3 });
  const several = Array.from({ length: 6 }, (_, i) => i);

  it('is found out by the texts of its tokens', () =>
    serving(
      'vllm',
      { tokenizer: undefined },
      async (policy, server) => {
        for (const i of several)
          await policy.generate(request({ maxTokens: 30 }, { key: ['before', i] }));
        server.restart(other);
        const causes: unknown[] = [];
        for (const i of several)
          causes.push(
            await policy
              .generate(request({ maxTokens: 30 }, { key: ['after', i] }))
              .catch((cause: unknown) => cause),
          );
        const found = causes.findIndex((cause) => cause instanceof TokenizerChangedError);
        expect(found).toBeGreaterThanOrEqual(0);
        expect(causes[found]).toMatchObject({ retryable: false });
        // From then on nothing passes: the server is out of service.
        expect(policy.servers()[0]!.status).toBe('refused');
        for (const cause of causes.slice(found))
          expect(cause).toBeInstanceOf(TokenizerChangedError);
      },
      () => startVllmDouble({ logprobsMode: 'processed_logprobs' }),
    ));

  it('is found out by its tokenizer, and put out of service', () =>
    serving(
      'vllm',
      { verifyEveryCalls: 3 },
      async (policy, server) => {
        // One token a response: too little to notice by.
        const ask = (i: number) => policy.generate(request({ maxTokens: 1 }, { key: ['k', i] }));
        await ask(0);
        server.restart(other);
        const causes: unknown[] = [];
        for (const i of several) causes.push(await ask(i).catch((cause: unknown) => cause));
        expect(causes.at(-1)).toBeInstanceOf(TokenizerChangedError);
        expect(policy.servers()[0]!.status).toBe('refused');
        expect(await rejection(ask(9))).toBeInstanceOf(TokenizerChangedError);
      },
      () => startVllmDouble({ logprobsMode: 'processed_logprobs' }),
    ));
});

describe('a policy that is closed', () => {
  it('ends the calls under way at once, and makes no more tries', () =>
    serving('vllm', { firstDelayMs: 100_000, longestDelayMs: 100_000 }, async (policy, server) => {
      server.fail((asked) => (isGeneration(asked) ? { kind: 'slow', ms: 2_000 } : undefined));
      const call = rejection(policy.generate(request()));
      while (generations(server).length === 0) await wait(1);
      await policy.close();
      expect(await call).toMatchObject({ code: 'endpoint', retryable: false });
    }));

  it('is not made with what is no cassette, such as the promise of one', () => {
    expect(() =>
      openaiCompatiblePolicy({
        preset: 'vllm',
        url: 'http://127.0.0.1:1',
        model: 'toy',
        cassette: Promise.resolve() as never,
      }),
    ).toThrow('await it');
  });
});

describe('a closed policy', () => {
  it('says so', () =>
    serving('vllm', {}, async (policy) => {
      await policy.close();
      expect(await rejection(policy.generate(request()))).toBeInstanceOf(PolicyError);
    }));
});
