import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';

import {
  openaiCompatiblePolicy,
  openCassette,
  sglangAdapters,
  TokenizerChangedError,
  vllmAdapters,
  type Preset,
} from '../src/index.js';
import {
  startDouble,
  startOpenAiDouble,
  startVllmDouble,
  type Fault,
} from '../src/testing/index.js';
import { isGeneration, quick, rejection, request, serving } from './serving.js';

/** With a quote and a slash, so that it looks otherwise in JSON and in addresses. */
const CANARY = 'sk-canary"9f8e7d/6c5b4a=';
const HEADER_CANARY = 'canary-of-a-header-1234567890';

/** All that can be seen of a thing: its texts, its causes, its hidden properties. */
function everything(thing: unknown): string {
  const seen: string[] = [];
  for (
    let each: unknown = thing;
    each !== undefined && each !== null;
    each = (each as { cause?: unknown }).cause
  )
    seen.push(
      each instanceof Error ? `${each.name}: ${each.message}` : '',
      (each as Error).stack ?? '',
      JSON.stringify(each),
    );
  return [...seen, inspect(thing, { depth: Infinity, showHidden: true, getters: true })].join('\n');
}

function expectNoSecret(text: string): void {
  for (const secret of [CANARY, HEADER_CANARY, 'canary'])
    for (const form of [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)])
      expect(text.includes(form)).toBe(false);
}

const secret = { apiKey: CANARY, headers: { 'x-gateway-key': HEADER_CANARY } };

describe('a key', () => {
  const echoes: readonly [string, Fault][] = [
    [
      'in its message',
      {
        kind: 'status',
        status: 401,
        body: JSON.stringify({ error: { message: `bad key ${CANARY} and ${HEADER_CANARY}` } }),
      },
    ],
    ['on an error page', { kind: 'status', status: 500, body: `<p>${CANARY}</p>` }],
    ['in an answer that is no JSON', { kind: 'garbage', text: `Bearer ${CANARY}` }],
    [
      'in an answer that is other JSON',
      { kind: 'garbage', text: JSON.stringify({ choices: CANARY, text: CANARY, stop: CANARY }) },
    ],
    [
      'in an event that is an error, and in no stream',
      {
        kind: 'change',
        change: () => [{ error: { message: `no such key: ${CANARY}`, code: 500 } }],
      },
    ],
    ...[61, 62, 63, 64].map((before): [string, Fault] => [
      `where an answer that is no JSON is cut, after ${before} letters`,
      { kind: 'garbage', text: `${'x'.repeat(before)}${CANARY}` },
    ]),
    [
      'where a wrong field is cut',
      { kind: 'garbage', text: JSON.stringify({ choices: `${'x'.repeat(62)}${CANARY}` }) },
    ],
    [
      'where its message is cut',
      {
        kind: 'status',
        status: 400,
        body: JSON.stringify({ error: { message: `${'x'.repeat(485)}${CANARY}` } }),
      },
    ],
    ['at the beginning of what is no JSON', { kind: 'garbage', text: CANARY }],
    ['in half an answer', { kind: 'cut', share: 0.9 }],
    ['nowhere, hanging up', { kind: 'hang-up' }],
  ];
  for (const preset of ['vllm', 'sglang', 'llama.cpp', 'openai'] as Preset[])
    it.each(echoes)(
      `is in no error of a server of the preset ${preset} that repeats it %s`,
      (_, fault) =>
        serving(preset, { ...secret, tries: 2 }, async (policy, server) => {
          server.fail((asked) => (isGeneration(asked) ? fault : undefined));
          const seen = everything(await rejection(policy.generate(request())));
          expect(server.requests.at(-1)!.headers.authorization).toBe(`Bearer ${CANARY}`);
          expectNoSecret(seen);
        }),
    );

  it.each(['vllm', 'openai'] as Preset[])(
    'is in no error of a stream of the preset %s that ends with an error',
    (preset) =>
      serving(preset, { ...secret, stream: true, tries: 1 }, async (policy, server) => {
        const error = { message: `no such key: ${CANARY}`, code: 500 };
        server.fail((asked) =>
          isGeneration(asked) ? { kind: 'change', change: () => [{ error }] } : undefined,
        );
        const seen = everything(await rejection(policy.generate(request())));
        expect(seen).toContain('no such key: [secret]');
        expectNoSecret(seen);
      }),
  );

  it('is in no error about a token whose text it is said to be', () =>
    serving('vllm', { ...secret, tries: 1 }, async (policy, server) => {
      await policy.generate(request());
      server.fail((asked) =>
        isGeneration(asked)
          ? {
              kind: 'change',
              change: (answer) =>
                JSON.parse(
                  JSON.stringify(answer).replace(
                    /"tokens":\[[^\]]*\]/,
                    (list) =>
                      `"tokens":${JSON.stringify((JSON.parse(list.slice(9)) as string[]).map(() => CANARY))}`,
                  ),
                ) as unknown,
            }
          : undefined,
      );
      const cause = await rejection(policy.generate(request()));
      expect(cause).toBeInstanceOf(TokenizerChangedError);
      expectNoSecret(everything(cause));
    }));

  it.each([
    'http://user:canary-pass@127.0.0.1:1',
    'ftp://user:canary-pass@127.0.0.1:1',
    'user:canary-pass@127.0.0.1',
    'http://127.0.0.1:1?key=canary',
  ])('is not shown when it stands in the address of a server of adapters, %#', (url) => {
    for (const make of [vllmAdapters, sglangAdapters]) {
      let cause: unknown;
      try {
        make({ url });
      } catch (caught) {
        cause = caught;
      }
      expect(cause).toMatchObject({ code: 'invalid-input', field: 'url' });
      expectNoSecret(everything(cause));
    }
  });

  it.each<[string, unknown]>([
    ['what is wrong with an adapter', { success: false, error_message: `for ${CANARY} no` }],
    ['another answer', `Bearer ${CANARY}`],
    ['the half of another answer', { success: `${'x'.repeat(62)}${CANARY}` }],
  ])('is in no error of a server that says %s', async (_, json) => {
    const server = await startDouble(() => ({ json }));
    const options = { url: server.url, apiKey: CANARY, tries: 1 };
    const adapter = { name: 'a', path: '/a' };
    expectNoSecret(everything(await rejection(sglangAdapters(options).load(adapter))));
    expectNoSecret(everything(await rejection(sglangAdapters(options).names())));
    expectNoSecret(everything(await rejection(vllmAdapters(options).probe('a'))));
    await server.close();
  });

  it('is not in the error of a server that refuses it by name', async () => {
    const server = await startOpenAiDouble({ apiKey: 'another' });
    const policy = openaiCompatiblePolicy({
      preset: 'openai',
      url: server.url,
      ...quick,
      ...secret,
    });
    const cause = await rejection(policy.generate(request()));
    expect(String(cause)).toContain('Incorrect API key provided: [secret]');
    expectNoSecret(everything(cause));
    await policy.close();
    await server.close();
  });

  it('is not in the error of an address where nobody listens', async () => {
    const policy = openaiCompatiblePolicy({
      preset: 'vllm',
      url: 'http://127.0.0.1:9',
      ...quick,
      tries: 1,
      ...secret,
    });
    expectNoSecret(everything(await rejection(policy.generate(request()))));
    await policy.close();
  });

  it('is not shown by the policy, its servers and its counts', () =>
    serving('vllm', secret, async (policy) => {
      await policy.generate(request());
      expectNoSecret(everything(policy));
      expectNoSecret(
        inspect([policy.servers(), policy.stats(), policy.capabilities], { depth: 9 }),
      );
    }));

  it.each<[string, Record<string, unknown>]>([
    ['another option is wrong', { concurrency: 0 }],
    ['there is an option too many', { conccurrency: 1 }],
    ['it has a line break', { apiKey: `${CANARY}\n` }],
    ['it is no text', { apiKey: [CANARY] }],
    ['it stands in the address', { url: `http://user:canary-pass@127.0.0.1:1` }],
    ['it stands in the query of the address', { url: `http://127.0.0.1:1?key=canary` }],
    ['a header has a line break', { headers: { 'x-key': `${HEADER_CANARY}\r\n` } }],
  ])('is not shown when %s', (_, wrong) => {
    const make = (): unknown =>
      openaiCompatiblePolicy({
        preset: 'vllm',
        url: 'http://127.0.0.1:1',
        ...quick,
        ...secret,
        ...wrong,
      } as never);
    let cause: unknown;
    try {
      make();
    } catch (caught) {
      cause = caught;
    }
    expect(cause).toMatchObject({ code: 'invalid-input' });
    expectNoSecret(everything(cause));
  });

  it('is in no cassette, even where a request holds it and an answer repeats it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'served-'));
    const path = join(folder, 'calls.jsonl');
    const server = await startVllmDouble({ logprobsMode: 'processed_logprobs' });
    server.fail((asked) =>
      isGeneration(asked)
        ? {
            kind: 'change',
            change: (answer) => ({ ...(answer as object), debug: `Bearer ${CANARY}` }),
          }
        : undefined,
    );
    const options = {
      preset: 'vllm',
      ...quick,
      ...secret,
      extra: { user: `team ${CANARY}` },
    } as const;
    const recording = openaiCompatiblePolicy({
      ...options,
      url: server.url,
      cassette: await openCassette({ path, mode: 'record' }),
    });
    const recorded = await recording.generate(request());
    await recording.close();
    await server.close();
    const text = await readFile(path, 'utf8');
    expect(text).toContain('[secret]');
    expectNoSecret(text);
    // With another key the same calls are found.
    const cassette = await openCassette({ path, mode: 'replay' });
    const replaying = openaiCompatiblePolicy({
      ...options,
      apiKey: 'sk-another-key',
      extra: { user: 'team [secret]' },
      cassette,
    });
    expect(await replaying.generate(request())).toEqual(recorded);
    await rm(folder, { recursive: true });
  });
});
