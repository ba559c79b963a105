import { z } from 'zod';

import { AbortedError, EndpointError, InvalidInputError, parseInput } from '../src/index.js';
import { endpointClient, type EndpointOptions } from '../src/endpoint/index.js';
import { json, startServer, type Behaviour } from './http-server.js';

const read = (answer: unknown): number =>
  parseInput(z.object({ value: z.number() }), answer, 'answer').value;
const quick = { firstDelayMs: 1, longestDelayMs: 5 };

async function calling<Result>(
  behaviour: Behaviour,
  use: (server: Awaited<ReturnType<typeof startServer>>) => Promise<Result>,
): Promise<Result> {
  const server = await startServer(behaviour);
  try {
    return await use(server);
  } finally {
    await server.close();
  }
}

const post = (
  url: string,
  options: Partial<EndpointOptions> = {},
  signal?: AbortSignal,
): Promise<number> =>
  endpointClient({ url, ...quick, ...options }).post({
    body: { ask: 1 },
    read,
    key: ['k'],
    signal,
  });

const failure = async (promise: Promise<unknown>): Promise<EndpointError> => {
  const cause: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(cause).toBeInstanceOf(EndpointError);
  return cause as EndpointError;
};

describe('endpointClient', () => {
  it('sends JSON and headers, and reads the answer', async () => {
    await calling(
      (_, body, response, request) => {
        expect(body).toEqual({ ask: 1 });
        expect(request.method).toBe('POST');
        expect(request.headers['content-type']).toBe('application/json');
        expect(request.headers.authorization).toBe('Bearer secret');
        json(response, { value: 7 });
      },
      async ({ url }) =>
        expect(await post(url, { headers: { authorization: 'Bearer secret' } })).toBe(7),
    );
  });

  it.each<[string, Behaviour]>([
    ['a 500', (_, __, response) => json(response, { error: 'oops' }, 500)],
    ['a 429', (_, __, response) => json(response, {}, 429)],
    ['no JSON', (_, __, response) => response.end('<html>busy</html>')],
    ['half of JSON', (_, __, response) => response.end('{"value":')],
    ['the wrong shape', (_, __, response) => json(response, { value: 'seven' })],
    ['a dropped connection', (_, __, response) => response.destroy()],
    [
      'a connection dropped in the middle of the answer',
      (_, __, response) => {
        response.writeHead(200, { 'content-length': '100' });
        response.write('{"value"', () => response.destroy());
      },
    ],
    ['silence', () => undefined],
    ['an answer that never ends', (_, __, response) => void response.write('{"value"')],
  ])('tries again after %s, and gives up after as many tries as allowed', async (_, bad) => {
    // Short only where no answer is expected in time: the machine may be busy.
    const timeoutMs = 1500;
    await calling(
      (nth, body, response, request) =>
        nth < 1 ? bad(nth, body, response, request) : json(response, { value: 3 }),
      async ({ url, requests }) => {
        expect(await post(url, { timeoutMs })).toBe(3);
        expect(requests()).toBe(2);
      },
    );
    await calling(bad, async ({ url, requests }) => {
      const error = await failure(post(url, { timeoutMs: 100, tries: 2 }));
      expect(error.retryable).toBe(true);
      expect(error.remedy).toBeDefined();
      expect(requests()).toBeLessThanOrEqual(2);
    });
  });

  it.each([400, 401, 403, 404, 422])('does not try again after %i', async (status) => {
    await calling(
      (_, __, response) => json(response, { error: 'no' }, status),
      async ({ url, requests }) => {
        const error = await failure(post(`${url}/v1?api-key=hidden`));
        expect(error).toMatchObject({ status, retryable: false });
        expect(error.message).toContain(`${url}/v1 answered ${status}`);
        expect(error.message).not.toContain('hidden');
        expect(requests()).toBe(1);
      },
    );
  });

  it('says that nobody listens', async () => {
    const { url, close } = await startServer(() => undefined);
    await close();
    const error = await failure(post(url, { tries: 2 }));
    expect(error.message).toMatch(/could not be reached/);
  });

  it('waits as long as the server asks, but no longer than the longest delay', async () => {
    for (const header of ['3600', new Date(Date.now() + 3_600_000).toUTCString()]) {
      await calling(
        (nth, _, response) => {
          if (nth > 0) return json(response, { value: 1 });
          response.writeHead(503, { 'retry-after': header }).end('later');
        },
        async ({ url, requests }) => {
          expect(await post(url, { longestDelayMs: 20 })).toBe(1);
          expect(requests()).toBe(2);
          // Without a limit it would still be waiting: stop it.
          const stop = new AbortController();
          const waiting = post(url, { longestDelayMs: 1e9 }, stop.signal);
          stop.abort();
          await expect(waiting).rejects.toBeInstanceOf(AbortedError);
        },
      );
    }
  });

  it('never has more calls under way than allowed, and answers all', async () => {
    await calling(
      (_, body, response) =>
        void setTimeout(() => json(response, { value: (body as { n: number }).n }), 5),
      async ({ url, mostAtOnce }) => {
        const client = endpointClient({ url, concurrency: 3 });
        const answers = await Promise.all(
          Array.from({ length: 12 }, (_, n) => client.post({ body: { n }, read, key: [n] })),
        );
        expect(answers).toEqual(Array.from({ length: 12 }, (_, n) => n));
        expect(mostAtOnce()).toBeLessThanOrEqual(3);
        expect(mostAtOnce()).toBeGreaterThan(1);
      },
    );
  });

  it('stops while it calls, while it waits to try again, and while it waits in the queue', async () => {
    const stop = new AbortController();
    await calling(
      (nth, _, response) => {
        if (nth === 0) json(response, {}, 500);
        // The second call is never answered.
        if (nth === 1) stop.abort();
      },
      async ({ url }) => {
        const client = endpointClient({ url, firstDelayMs: 0, concurrency: 2 });
        const call = (signal: AbortSignal) => client.post({ body: null, read, key: ['k'], signal });
        const calls = [1, 2, 3, 4].map(() => call(stop.signal));
        for (const { status, reason } of (await Promise.allSettled(
          calls,
        )) as PromiseRejectedResult[])
          expect([status, reason instanceof AbortedError]).toEqual(['rejected', true]);
        await expect(call(stop.signal)).rejects.toBeInstanceOf(AbortedError);
      },
    );
    await calling(
      (_, __, response) => json(response, {}, 500),
      async ({ url, requests }) => {
        const late = new AbortController();
        const waiting = post(url, { firstDelayMs: 1e6, longestDelayMs: 1e6 }, late.signal);
        while (requests() === 0) await new Promise((resolve) => setTimeout(resolve, 2));
        setTimeout(() => late.abort(), 20);
        await expect(waiting).rejects.toBeInstanceOf(AbortedError);
      },
    );
  });

  it('lets errors of the reader that are no complaint about the answer pass', async () => {
    await calling(
      (_, __, response) => json(response, {}),
      async ({ url, requests }) => {
        const bug = endpointClient({ url }).post({
          body: null,
          key: ['k'],
          read: () => {
            throw new RangeError('a bug');
          },
        });
        await expect(bug).rejects.toThrow(RangeError);
        expect(requests()).toBe(1);
      },
    );
  });

  it('names a wrong option', () => {
    expect(() => endpointClient({ url: 'ftp://x' })).toThrow(/url: give an http or https address/);
    expect(() => endpointClient({ url: 'http://x', tries: 0 })).toThrow(InvalidInputError);
  });
});
