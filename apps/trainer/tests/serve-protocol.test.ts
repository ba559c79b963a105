import { connect } from 'node:net';

import {
  EndpointError,
  PolicyError,
  textPolicy,
  type Generation,
  type GenerationRequest,
} from '@spark-rl/core';
import { scriptedPolicy } from '@spark-rl/core/testing';

import { startServer, type RunningServer } from '../src/serve/http-server.js';
import type { ServedModel } from '../src/serve/served-model.js';
import { grammar, serveTiny, type Served } from './tiny-model.js';

interface Reply {
  readonly status: number;
  readonly json: Record<string, unknown>;
}

async function post(url: string, path: string, body: unknown, token?: string): Promise<Reply> {
  const response = await fetch(`${url}${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, json: (await response.json()) as Reply['json'] };
}

/** The objects of a stream, and whether it ended as it should. */
async function stream(url: string, path: string, body: object) {
  const response = await fetch(`${url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...body, stream: true }),
  });
  const lines = (await response.text()).split('\n\n').filter((line) => line !== '');
  const data = lines.map((line) => line.replace(/^data: /, ''));
  const done = data.at(-1) === '[DONE]';
  return {
    status: response.status,
    done,
    objects: (done ? data.slice(0, -1) : data).map((text) => JSON.parse(text) as Reply['json']),
  };
}

type Choice = Record<string, unknown> & {
  readonly text: string;
  readonly token_ids: number[];
  readonly prompt_token_ids: number[];
  readonly finish_reason: string | null;
  readonly logprobs: { readonly tokens: string[]; readonly token_logprobs: number[] };
  readonly spark: Record<string, unknown>;
};
const choicesOf = ({ choices }: Record<string, unknown>): readonly Choice[] =>
  choices as readonly Choice[];

let served: Served;
beforeAll(async () => {
  served = await serveTiny();
});
afterAll(() => served.close());

const PROMPT = 'On the table 1, you see';
const url = (): string => served.server.url;
const sample = (key: GenerationRequest['key'], more: Partial<GenerationRequest> = {}) =>
  served.policy.generate({
    prompt: { kind: 'transcript', segments: [{ text: PROMPT }] },
    sampling: { temperature: 1, maxTokens: 8 },
    key,
    affinity: 'test',
    ...more,
  });

describe('token ids and keys', () => {
  it('answers the very response that the same key gives in process', async () => {
    const key = [1, 'tree', 'x', 'node', '0.1', 'response'];
    const expected = await sample(key, { want: { entropies: true } });
    const body = {
      prompt: Array.from(expected.promptTokens),
      max_tokens: 8,
      logprobs: 0,
      return_token_ids: true,
      spark: { key, affinity: 'tree', entropies: true },
    };
    const { json } = await post(url(), '/v1/completions', body);
    const [choice] = choicesOf(json);
    expect(choice!.prompt_token_ids).toEqual([...expected.promptTokens]);
    expect(choice!.token_ids).toEqual([...expected.responseTokens]);
    expect(Float32Array.from(choice!.logprobs.token_logprobs)).toEqual(expected.logProbs);
    expect(choice!.spark['policy_version']).toBe('v1');
    expect(Float32Array.from(choice!.spark['entropies'] as number[])).toEqual(expected.entropies);
    // Numbers and texts of a key are told apart, as in process.
    const other = { ...body, spark: { ...body.spark, key: ['1', ...key.slice(1)] } };
    const [another] = choicesOf((await post(url(), '/v1/completions', other)).json);
    expect(another!.token_ids).toEqual([...(await sample(['1', ...key.slice(1)])).responseTokens]);
  });

  it('streams every token once, with its log-probability', async () => {
    const body = {
      prompt: PROMPT,
      max_tokens: 8,
      seed: 5,
      logprobs: 1,
      return_token_ids: true,
      return_tokens_as_token_ids: true,
    };
    const [whole] = choicesOf((await post(url(), '/v1/completions', body)).json);
    const { objects, done } = await stream(url(), '/v1/completions', body);
    const parts = objects.flatMap((object) => choicesOf(object));
    expect(done).toBe(true);
    expect(parts.length).toBeGreaterThan(2);
    expect(parts.map(({ text }) => text).join('')).toBe(whole!.text);
    expect(parts.flatMap(({ token_ids }) => token_ids)).toEqual(whole!.token_ids);
    expect(parts.flatMap(({ logprobs }) => logprobs.tokens)).toEqual(
      whole!.token_ids.map((id) => `token_id:${id}`),
    );
    expect(parts.flatMap(({ logprobs }) => logprobs.token_logprobs.map(Math.fround))).toEqual(
      whole!.logprobs.token_logprobs,
    );
    expect(parts.map(({ finish_reason }) => finish_reason).filter(Boolean)).toEqual([
      whole!.finish_reason,
    ]);
    expect(parts.at(-1)!.prompt_token_ids).toEqual(whole!.prompt_token_ids);
  });

  it('holds back what a stop string may begin with, and ends before it or after it', async () => {
    const { text } = await sample(['seed', 9], { sampling: { temperature: 1, maxTokens: 24 } });
    const stop = text.slice(6, 10);
    const body = { prompt: PROMPT, max_tokens: 24, seed: 9, stop: [stop, 'never seen'] };
    const [whole] = choicesOf((await post(url(), '/v1/completions', body)).json);
    expect(whole!.text).toBe(text.slice(0, text.indexOf(stop)));
    expect(whole!.finish_reason).toBe('stop');
    const { objects } = await stream(url(), '/v1/completions', body);
    expect(
      objects
        .flatMap((object) => choicesOf(object))
        .map((each) => each.text)
        .join(''),
    ).toBe(whole!.text);
    const kept = { ...body, include_stop_str_in_output: true };
    const [with_] = choicesOf((await post(url(), '/v1/completions', kept)).json);
    expect(with_!.text).toBe(text.slice(0, text.indexOf(stop) + stop.length));
  });

  it('encodes texts and chats as the policy does, and back', async () => {
    const { tokenizer } = served.model;
    const plain = await post(url(), '/tokenize', { prompt: PROMPT, add_special_tokens: false });
    expect(plain.json).toMatchObject({
      tokens: [...tokenizer.encode(PROMPT)],
      count: tokenizer.encode(PROMPT).length,
      max_model_len: 128,
    });
    const messages = [{ role: 'user', content: [{ type: 'text', text: 'mug?' }] }];
    const chat = await post(url(), '/tokenize', { messages, add_generation_prompt: true });
    const generation = await served.policy.generate({
      prompt: { kind: 'messages', messages: [{ role: 'user', content: 'mug?' }] },
      sampling: { temperature: 1, maxTokens: 1 },
      key: ['x'],
      affinity: 'x',
    });
    expect(chat.json['tokens']).toEqual([...generation.promptTokens]);
    const back = await post(url(), '/detokenize', { tokens: plain.json['tokens'] });
    expect(back.json).toEqual({ prompt: PROMPT });
  });
});

describe('what is refused', () => {
  const cases: readonly [string, object | string, number, string][] = [
    ['an unknown field', { prompt: 'a', temprature: 1 }, 400, 'Unrecognized request argument'],
    ['a field that is not built', { prompt: 'a', echo: true }, 400, 'echo is not supported'],
    ['a value out of range', { prompt: 'a', temperature: 3 }, 400, 'temperature'],
    ['another model', { prompt: 'a', model: 'gpt' }, 404, 'does not exist'],
    ['token ids of another model', { prompt: [1, 99_999] }, 400, 'token 99999'],
    ['a prompt beyond the context', { prompt: 'mug '.repeat(200) }, 400, 'the context holds 128'],
    ['no prompt', {}, 400, 'prompt'],
    ['a body that is no object', '[1]', 400, 'JSON object'],
    ['a body that is no JSON', '{"prompt": ', 400, 'not JSON'],
    ['roots without leaves', { prompt: 'a', spark: { roots: 2 } }, 400, 'spark.leaves'],
    ['a vote of several choices', { prompt: 'a', n: 2, spark: { leaves: 2 } }, 400, 'one choice'],
  ];
  it.each(cases)('%s', async (_, body, status, message) => {
    const reply = await post(url(), '/v1/completions', body);
    expect(reply.status).toBe(status);
    expect(reply.json['error']).toMatchObject({
      message: expect.stringContaining(message) as string,
      type: 'invalid_request_error',
    });
  });

  it('says what is wrong with a stream in its status, not in the stream', async () => {
    const reply = await stream(url(), '/v1/completions', { prompt: [99_999] });
    expect(reply).toMatchObject({ status: 400, done: false });
  });

  it('neutral values and nulls are let through', async () => {
    const body = {
      messages: [{ role: 'developer', content: 'a' }],
      max_tokens: 2,
      presence_penalty: 0,
      logit_bias: {},
      response_format: { type: 'text' },
      tools: null,
      user: 'me',
    };
    expect((await post(url(), '/v1/chat/completions', body)).status).toBe(200);
  });

  it('wrong paths, methods and kinds of body', async () => {
    expect((await fetch(`${url()}/v1/nothing`)).status).toBe(404);
    expect((await fetch(`${url()}/v1/completions`)).status).toBe(405);
    expect((await fetch(`${url()}/__proto__`)).status).toBe(404);
    const body = JSON.stringify({ prompt: 'a' });
    const form = await fetch(`${url()}/v1/completions`, { method: 'POST', body });
    expect(form.status).toBe(415);
  });

  it('bodies beyond the limit, also when they do not say how long they are', async () => {
    const small = await serveTiny({ mostBodyBytes: 1000 });
    try {
      const body = JSON.stringify({ prompt: 'x'.repeat(2000) });
      expect((await post(small.server.url, '/v1/completions', body)).status).toBe(413);
      const answer = await new Promise<string>((resolve) => {
        const socket = connect(small.server.port, '127.0.0.1');
        let text = '';
        socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
        socket.on('close', () => resolve(text));
        socket.write(
          'POST /v1/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n',
        );
        socket.write(`7d0\r\n${'x'.repeat(2000)}\r\n`);
      });
      expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    } finally {
      await small.close();
    }
  });
});

describe('tokens of access', () => {
  it('are asked for everywhere but at /health', async () => {
    const guarded = await serveTiny({ tokens: ['first-token', 'second-token'] });
    const at = guarded.server.url;
    try {
      const body = { prompt: 'a', max_tokens: 1 };
      for (const wrong of [undefined, '', 'first', 'first-tokenx', 'FIRST-TOKEN'])
        expect((await post(at, '/v1/completions', body, wrong)).status).toBe(401);
      const basic = await fetch(`${at}/v1/models`, { headers: { authorization: 'Basic abc' } });
      expect(basic.status).toBe(401);
      expect(basic.headers.get('www-authenticate')).toBe('Bearer');
      for (const right of ['first-token', 'second-token'])
        expect((await post(at, '/v1/completions', body, right)).status).toBe(200);
      expect(await (await fetch(`${at}/health`)).json()).toEqual({ status: 'ok' });
      expect((await fetch(`${at}/v1/models`)).status).toBe(401);
    } finally {
      await guarded.close();
    }
  });
});

describe('without a token', () => {
  it('this machine is asked by its own names alone', async () => {
    const ask = (name: string): Promise<string> =>
      new Promise((resolve) => {
        const socket = connect(served.server.port, '127.0.0.1');
        let text = '';
        socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
        socket.on('close', () => resolve(text.split('\r\n')[0]!));
        socket.write(`GET /v1/models HTTP/1.1\r\nhost: ${name}\r\nconnection: close\r\n\r\n`);
      });
    const { port } = served.server;
    for (const name of [`localhost:${port}`, `127.0.0.1:${port}`, '[::1]:80', 'LOCALHOST'])
      expect(await ask(name)).toBe('HTTP/1.1 200 OK');
    for (const name of ['evil.example', `localhost.evil.example:${port}`, '127.0.0.1.nip.io'])
      expect(await ask(name)).toBe('HTTP/1.1 403 Forbidden');
  });
});

/** A server in front of any policy, without a tokenizer. */
async function servePolicy(
  policy: ServedModel['policy'],
  onError?: (message: string) => void,
): Promise<RunningServer> {
  return startServer({
    model: { name: 'any', policy, created: 1, parse: grammar.parse },
    host: '127.0.0.1',
    port: 0,
    tokens: null,
    ...(onError !== undefined && { onError }),
  });
}

describe('branching where the agent explores', () => {
  /** Answers in turn, whatever it is asked. */
  const inTurn = (texts: readonly string[], keys: unknown[] = []): ServedModel['policy'] =>
    scriptedPolicy(({ request }) => texts[keys.push(request.key) - 1] ?? '');
  const turn = (mode: string, action: string): string =>
    `<${mode}>why</${mode}><action>${action}</action>`;
  const ask = async (policy: ServedModel['policy'], spark: object) => {
    const server = await servePolicy(policy);
    try {
      const body = { messages: [{ role: 'user', content: 'x' }], max_tokens: 400, seed: 1, spark };
      const reply = await post(server.url, '/v1/chat/completions', body);
      expect(reply.status).toBe(200);
      const [choice] = choicesOf(reply.json);
      const { content } = choice!['message'] as { content: string };
      return {
        content,
        spark: choice!.spark,
        usage: reply.json['usage'] as { completion_tokens: number },
      };
    } finally {
      await server.close(0);
    }
  };

  it('samples once where it does not', async () => {
    const keys: unknown[] = [];
    const sure = await ask(inTurn([turn('think', 'go')], keys), { leaves: 8 });
    expect(keys).toEqual([['seed', 1]]);
    expect(sure.content).toContain('go');
    expect(sure.spark).toMatchObject({ chosen: 0, leaves: [{ mode: 'think', action: 'go' }] });
  });

  it('lets the most frequent action win, and counts what it cost', async () => {
    const texts = ['a', 'b', 'b', 'a', 'b'].map((action) => turn('explore', action));
    const voted = await ask(inTurn(texts), { leaves: 5 });
    expect(voted.content).toBe(turn('explore', 'b'));
    expect(voted.spark['leaves']).toHaveLength(5);
    expect([1, 2, 4]).toContain(voted.spark['chosen']);
    expect(voted.usage.completion_tokens).toBeGreaterThan(4 * turn('explore', 'a').length);
    const first = await ask(inTurn(texts), { leaves: 5, choose: 'first' });
    expect(first.content).toBe(turn('explore', 'a'));
  });

  it('grants min(B, N - created + 1), in the order of the roots', async () => {
    const keys: unknown[] = [];
    const texts = ['a', 'b', 'c'].map((action) => turn('explore', action));
    const { spark } = await ask(inTurn([...texts, ...texts, ...texts], keys), {
      leaves: 6,
      roots: 3,
      width: 3,
    });
    expect(spark['leaves']).toHaveLength(6);
    const at = (...rest: unknown[]): unknown => ['seed', 1, ...rest];
    // 3 created: the first root gets 3 in its place, 5 created; the second 2, 6 created; the third none.
    expect(keys).toEqual([
      ['seed', 1],
      at('root', 1),
      at('root', 2),
      at('root', 0, 'child', 1),
      at('root', 0, 'child', 2),
      at('root', 1, 'child', 1),
    ]);
  });

  it('answers with the first response when nobody has an action to vote for', async () => {
    const { content } = await ask(inTurn(['<explore>a</explore>', 'b', 'c']), { leaves: 3 });
    expect(content).toBe('<explore>a</explore>');
  });
});

describe('policies of other kinds, and failures', () => {
  it('serves one that tells texts alone, and refuses tokens of it', async () => {
    const server = await servePolicy(textPolicy('echo', (prompt) => `you said ${prompt}`));
    try {
      const whole = await post(server.url, '/v1/completions', { prompt: 'hi' });
      expect(choicesOf(whole.json)[0]!.text).toBe('you said hi');
      const { objects, done } = await stream(server.url, '/v1/completions', { prompt: 'hi' });
      expect(objects.flatMap((each) => choicesOf(each)).map(({ text }) => text)).toEqual([
        'you said hi',
      ]);
      expect(done).toBe(true);
      const tokens = await post(server.url, '/v1/completions', { prompt: 'hi', logprobs: 1 });
      expect(tokens).toMatchObject({ status: 400, json: { error: { param: 'logprobs' } } });
      expect((await post(server.url, '/tokenize', { prompt: 'hi' })).status).toBe(400);
    } finally {
      await server.close(0);
    }
  });

  it('tells clients nothing of what broke inside, and its log all', async () => {
    const logged: string[] = [];
    const failures: readonly [Error, number][] = [
      [new Error('the secret is at /home/me'), 500],
      [new EndpointError('http://inner answered 503', { retryable: true }), 503],
      [new PolicyError('the secret engine failed'), 500],
    ];
    for (const [error, status] of failures) {
      const policy = { id: 'broken', generate: () => Promise.reject(error) };
      const server = await servePolicy(policy, (message) => logged.push(message));
      try {
        const reply = await post(server.url, '/v1/completions', { prompt: 'a' });
        expect(reply.status).toBe(status);
        expect(JSON.stringify(reply.json)).not.toMatch(/secret|inner/);
      } finally {
        await server.close(0);
      }
    }
    expect(logged).toEqual(failures.map(([{ message }]) => message));
  });

  it('ends a stream that breaks with an error and without [DONE]', async () => {
    const policy: ServedModel['policy'] = {
      id: 'breaks',
      generate: async ({ onToken }): Promise<Generation> => {
        onToken?.({ token: 5, logProb: -1 });
        await new Promise((resolve) => setTimeout(resolve, 20));
        throw new Error('gone');
      },
    };
    const broken = await serveTiny({ wrap: (model) => ({ ...model, policy }) });
    try {
      const body = { prompt: 'a', return_token_ids: true };
      const { status, objects, done } = await stream(broken.server.url, '/v1/completions', body);
      expect({ status, done }).toEqual({ status: 200, done: false });
      expect(objects.at(-1)).toMatchObject({ error: { type: 'server_error' } });
    } finally {
      await broken.close();
    }
  });

  it.each([false, true])('stops sampling when the client leaves (stream: %s)', async (stream_) => {
    let begun: () => void = () => undefined;
    const started = new Promise<void>((resolve) => (begun = resolve));
    let left: () => void = () => undefined;
    const stopped = new Promise<void>((resolve) => (left = resolve));
    const server = await servePolicy({
      id: 'slow',
      generate: ({ signal }) =>
        new Promise((_, reject) => {
          begun();
          signal!.addEventListener('abort', () => {
            left();
            reject(new Error('stopped'));
          });
        }),
    });
    const client = new AbortController();
    const asked = fetch(`${server.url}/v1/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ prompt: 'a', stream: stream_ }),
      signal: client.signal,
    });
    await started;
    client.abort();
    await expect(asked).rejects.toThrow();
    await stopped;
    await server.close(0);
  });

  it('answers what is under way before it closes, and batches what comes at once', async () => {
    const busy = await serveTiny();
    const asked = Array.from({ length: 6 }, (_, seed) =>
      post(busy.server.url, '/v1/completions', { prompt: PROMPT, max_tokens: 12, seed }),
    );
    const { length } = busy.model.tokenizer.encode(PROMPT);
    while (busy.policy.stats().promptTokens < 6 * length)
      await new Promise((resolve) => setTimeout(resolve, 1));
    const closed = busy.server.close(60_000);
    const replies = await Promise.all(asked);
    await closed;
    expect(replies.map(({ status }) => status)).toEqual(Array(6).fill(200));
    expect(busy.policy.stats().meanDecodeBatch).toBeGreaterThan(2);
    await expect(fetch(`${busy.server.url}/health`)).rejects.toThrow();
    await busy.close();
  });

  it('says that its port is taken, or its address none of this machine', async () => {
    const { port } = served.server;
    await expect(serveTiny({ port })).rejects.toThrow(`port ${port} of 127.0.0.1 is in use`);
    await expect(serveTiny({ host: '203.0.113.7' })).rejects.toThrow(/cannot listen at 203/);
  });
});
