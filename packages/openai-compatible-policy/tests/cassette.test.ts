import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { InvalidInputError, randomSource, type Generation } from '@spark-rl/core';

import {
  CassetteMissError,
  openaiCompatiblePolicy,
  openCassette,
  type CassetteOptions,
  type Preset,
  type ServedPolicyOptions,
} from '../src/index.js';
import type { ServerDouble } from '../src/testing/index.js';
import { toyModel } from '../src/testing/index.js';
import { generations, quick, rejection, request, startDoubleOf } from './serving.js';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cassette-'));
  path = join(folder, 'calls.jsonl');
});
afterEach(() => rm(folder, { recursive: true }));

const keys = Array.from({ length: 6 }, (_, i) => ['turn', i] as const);

/** Asks for all responses at once. */
async function ask(
  mode: CassetteOptions['mode'],
  options: Partial<ServedPolicyOptions>,
  order: readonly (readonly [string, number])[] = keys,
): Promise<ReadonlyMap<string, Generation>> {
  const policy = openaiCompatiblePolicy({
    preset: 'vllm',
    ...quick,
    cassette: await openCassette({ path, mode }),
    ...options,
  });
  try {
    const responses = await Promise.all(
      order.map(
        async (key) => [key.join(' '), await policy.generate(request({}, { key }))] as const,
      ),
    );
    return new Map(responses.sort(([a], [b]) => (a < b ? -1 : 1)));
  } finally {
    await policy.close();
  }
}

async function withServer<Result>(
  preset: Preset,
  use: (server: ServerDouble) => Promise<Result>,
): Promise<Result> {
  const server = await startDoubleOf(preset, toyModel());
  try {
    return await use(server);
  } finally {
    await server.close();
  }
}

const shuffled = randomSource(['shuffle']).shuffle(keys);

describe('a cassette', () => {
  it.each<Preset>(['vllm', 'sglang', 'llama.cpp', 'openai'])(
    'replays what was recorded to the bit, without a server and in any order (%s)',
    async (preset) => {
      const recorded = await withServer(preset, (server) =>
        ask('record', { preset, url: server.url }),
      );
      expect(await ask('replay', { preset }, shuffled)).toEqual(recorded);
      expect(new Set([...recorded.values()].map(({ text }) => text)).size).toBeGreaterThan(1);
    },
  );

  it('gives calls of the same content what was recorded for their keys', async () => {
    // Without a seed all the calls are alike, and the server answers as it likes.
    const options = { preset: 'openai', omit: ['seed'] } as const;
    const recorded = await withServer('openai', (server) => {
      let nth = 0;
      server.fail(({ path: at }) =>
        at === '/v1/chat/completions'
          ? {
              kind: 'change',
              change: (answer) => ({
                ...(answer as object),
                choices: [{ message: { content: `response ${nth++}` }, finish_reason: 'stop' }],
              }),
            }
          : undefined,
      );
      return ask('record', { ...options, url: server.url });
    });
    expect(new Set([...recorded.values()].map(({ text }) => text)).size).toBe(keys.length);
    expect(await ask('replay', options, shuffled)).toEqual(recorded);
    // A key that was not recorded gets one of them, always the same.
    const [first, again] = await Promise.all(
      [1, 2].map(() => ask('replay', options, [['other', 1]])),
    );
    expect(again).toEqual(first);
  });

  it('gives the same key its answers one after the other, and the last again', async () => {
    const options = { preset: 'openai' } as const;
    await withServer('openai', async (server) => {
      let nth = 0;
      server.fail(() => ({
        kind: 'change',
        change: (answer) => ({
          ...(answer as object),
          choices: [{ message: { content: `response ${nth++}` }, finish_reason: 'stop' }],
        }),
      }));
      const cassette = await openCassette({ path, mode: 'record' });
      const policy = openaiCompatiblePolicy({ ...options, ...quick, url: server.url, cassette });
      await policy.generate(request());
      await policy.generate(request());
      await policy.close();
    });
    const cassette = await openCassette({ path, mode: 'replay' });
    const policy = openaiCompatiblePolicy({ ...options, ...quick, cassette });
    const texts: string[] = [];
    for (let i = 0; i < 3; i++) texts.push((await policy.generate(request())).text);
    expect(texts).toEqual(['response 0', 'response 1', 'response 1']);
  });

  it('records what is not there, and only that, in the mode auto', async () => {
    await withServer('vllm', async (server) => {
      const some = keys.slice(0, 3);
      await ask('auto', { url: server.url }, some);
      expect(generations(server)).toHaveLength(3);
      await ask('auto', { url: server.url });
      expect(generations(server)).toHaveLength(6);
      await ask('auto', { url: server.url });
      expect(generations(server)).toHaveLength(6);
    });
    expect((await ask('replay', {})).size).toBe(6);
  });

  it('begins anew in the mode record, and keeps the old one until something is recorded', async () => {
    await withServer('vllm', async (server) => {
      await ask('record', { url: server.url });
      const before = await readFile(path, 'utf8');
      await ask('record', { url: server.url }, []);
      expect(await readFile(path, 'utf8')).toBe(before);
      await ask('record', { url: server.url }, keys.slice(0, 1));
    });
    expect((await ask('replay', {}, keys.slice(0, 1))).size).toBe(1);
    expect(await rejection(ask('replay', {}))).toBeInstanceOf(CassetteMissError);
  });

  it('does not record calls that failed', async () => {
    await withServer('vllm', async (server) => {
      server.fail(({ nth }) => (nth % 2 === 0 ? { kind: 'status', status: 500 } : undefined));
      await ask('record', { url: server.url, tries: 20, longestDelayMs: 5 }, keys.slice(0, 2));
    });
    // The tokens of the chat, and two responses, after the line that says what the file is.
    expect((await readFile(path, 'utf8')).trim().split('\n')).toHaveLength(4);
  });

  it('says what a call that is not there is nearest to, and the difference', async () => {
    await withServer('vllm', (server) => ask('record', { url: server.url }));
    const near = openaiCompatiblePolicy({
      preset: 'vllm',
      ...quick,
      cassette: await openCassette({ path, mode: 'replay' }),
    });
    const cause = await rejection(near.generate(request({ maxTokens: 13 }, { key: ['turn', 0] })));
    expect(cause).toBeInstanceOf(CassetteMissError);
    expect(cause).toMatchObject({ code: 'policy', retryable: false });
    expect(String(cause)).toContain(
      'the nearest of its 6 calls of /v1/completions differs in max_tokens (asked 13; recorded 12)',
    );
    const prompt = { kind: 'transcript', segments: [{ tokens: Int32Array.of(2, 4, 9) }] } as const;
    expect(
      String(await rejection(near.generate(request({}, { key: ['turn', 0], prompt })))),
    ).toContain('prompt (asked 3 numbers, 9 at 2; recorded 8, 66 there)');
    const chat = openaiCompatiblePolicy({
      preset: 'openai',
      ...quick,
      cassette: await openCassette({ path, mode: 'replay' }),
    });
    expect(String(await rejection(chat.generate(request())))).toContain(
      'it holds 7 calls, of /tokenize, /v1/completions, and none of /v1/chat/completions',
    );
  });

  it('says so when there is nothing', async () => {
    expect(String(await rejection(ask('replay', {})))).toContain('it holds no calls');
  });

  it('drops a torn last line, and goes on after the whole ones', async () => {
    await withServer('vllm', async (server) => {
      await ask('record', { url: server.url }, keys.slice(0, 2));
      await appendFile(path, '{"hash":"torn","key":["turn');
      await ask('auto', { url: server.url });
    });
    expect((await ask('replay', {})).size).toBe(6);
    const lines = (await readFile(path, 'utf8')).split('\n').slice(0, -1);
    for (const line of lines) expect(() => JSON.parse(line) as unknown).not.toThrow();
  });

  it.each([
    ['is no JSON', '{"cassette":1}\nhello\n', 'line 2 is no JSON'],
    ['is of something else', '{"cassette":1}\n{"hash":1}\n', 'line 2: hash'],
  ])('names a line that %s', async (_, text, message) => {
    await writeFile(path, text);
    const cause = await rejection(openCassette({ path, mode: 'replay' }));
    expect(cause).toBeInstanceOf(InvalidInputError);
    expect(String(cause)).toContain(message);
  });

  it('names a wrong option', async () => {
    const cause = await rejection(openCassette({ path, mode: 'play' as never }));
    expect(cause).toMatchObject({ code: 'invalid-input', field: 'mode' });
  });
});
