import { request } from 'node:http';

import { serveStudio, type Asset, type RunningStudio } from '../src/index.js';
import { finishedRun, SMALL_FILE, temporaryRuns } from './fixture.js';

let runs: Awaited<ReturnType<typeof temporaryRuns>>;
let studio: RunningStudio;

beforeAll(async () => {
  runs = await temporaryRuns();
  await finishedRun(runs.root, 'one');
  const page: Asset = { type: 'text/html; charset=utf-8', bytes: Buffer.from('<p>page</p>') };
  studio = await serveStudio(runs.library, new Map([['/', page]]), 0);
});
afterAll(async () => {
  await studio.close();
  await runs.remove();
});

/** A request as it is, without the tidying of paths that fetch does. */
const ask = (
  path: string,
  options: { method?: string; host?: string } = {},
): Promise<{ status: number; headers: Record<string, unknown>; body: string }> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(studio.url);
    const sent = request(
      {
        hostname,
        port,
        path,
        method: options.method ?? 'GET',
        headers: options.host === undefined ? {} : { host: options.host },
      },
      (response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (part: string) => (body += part));
        response.on('end', () =>
          resolve({ status: response.statusCode!, headers: response.headers, body }),
        );
      },
    );
    sent.on('error', reject);
    sent.end();
  });

it('listens on this machine only', () => {
  expect(studio.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
});

it('serves the page under a policy that lets nothing in from elsewhere', async () => {
  const { status, headers, body } = await ask('/');
  expect([status, body]).toEqual([200, '<p>page</p>']);
  const policy = String(headers['content-security-policy']);
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toMatch(/unsafe|https?:|\*/);
  expect(headers['x-content-type-options']).toBe('nosniff');
});

it('answers with data', async () => {
  const query = new URLSearchParams({ run: 'one', set: 'step-0001', file: SMALL_FILE });
  const { status, headers, body } = await ask(`/api/tree?${query.toString()}`);
  expect(status).toBe(200);
  expect(headers['content-type']).toBe('application/json; charset=utf-8');
  expect((JSON.parse(body) as { turns: unknown[] }).turns).toHaveLength(24);
});

it('goes on with measurements from an offset', async () => {
  const { body } = await ask('/api/metrics?run=one');
  const { offset } = JSON.parse(body) as { offset: number };
  const next = await ask(`/api/metrics?run=one&offset=${offset}`);
  expect(JSON.parse(next.body)).toMatchObject({ points: [], offset });
});

it.each([
  '/../../etc/passwd',
  '/%2e%2e/%2e%2e/etc/passwd',
  '/assets/../../package.json',
  '/api/run?run=../..',
  '/api/run?run=%2e%2e%2f%2e%2e',
  '/api/tree?run=one&set=..&file=manifest.json',
  '/api/tree?run=one&set=step-0001&file=..%2f..%2fmanifest.json',
  '/api/turn?run=one&set=step-0001&file=000-door_1.jsonl&node=99',
  '/api/metrics?run=one&offset=-1',
  '/api/run',
  '/api/nothing',
])('refuses %s', async (path) => {
  const { status, body } = await ask(path);
  expect(status).toBe(404);
  expect(JSON.parse(body)).toEqual({ error: expect.any(String) });
});

it('answers nobody who comes by another name, as a page that rebinds its own would', async () => {
  expect((await ask('/api/runs', { host: 'evil.example:7700' })).status).toBe(403);
  expect((await ask('/api/runs', { host: 'localhost:7700' })).status).toBe(200);
});

it('only reads', async () => {
  for (const method of ['POST', 'PUT', 'DELETE'])
    expect((await ask('/api/runs', { method })).status).toBe(405);
});

it('names a port that is taken', async () => {
  const port = Number(new URL(studio.url).port);
  await expect(serveStudio(runs.library, new Map(), port)).rejects.toThrow(
    `port ${port} is in use. Choose another one with --port`,
  );
});
