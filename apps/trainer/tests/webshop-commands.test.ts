import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, request, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';

import { solveGoal } from '@spark-rl/env-webshop';

import { openNamedShop } from '../src/commands/webshop/named-shop.js';
import { playCommand } from '../src/commands/webshop/play.js';
import { serveCommand } from '../src/commands/webshop/serve.js';
import { validateCommand } from '../src/commands/webshop/validate.js';

import { runCommand } from './command.js';
import { serveShop } from './served-shop.js';

jest.setTimeout(120_000);

const SMALL = ['--products', '60', '--seed', '4'];
const small = { products: 60, seed: 4 };

/** A file of its own with some content. */
function written(content: unknown, name = 'file.json'): string {
  const path = join(mkdtempSync(join(tmpdir(), 'webshop-')), name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** One request, redirects not followed. */
const ask = (url: string, method = 'GET', body?: string): Promise<Reply> =>
  new Promise((resolve, reject) => {
    const sent = request(url, { method }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () =>
        resolve({ status: response.statusCode!, headers: response.headers, body: text }),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });

/** The actions that buy a goal's own product. */
const solution = async (goal: number): Promise<readonly string[]> => {
  const shop = await openNamedShop(small);
  return solveGoal(shop, shop.goals.at(goal))!;
};

/** Runs a command in this process; an error it throws is what the command line would print. */
async function inProcess(
  run: (output: { write: (text: string) => void; interactive: boolean }) => Promise<number>,
): Promise<{ readonly code: number; readonly output: string }> {
  let output = '';
  try {
    const code = await run({ write: (text) => void (output += text), interactive: false });
    return { code, output };
  } catch (cause) {
    return { code: 1, output: `${output}error: ${(cause as Error).message}` };
  }
}

describe('spark-rl webshop play', () => {
  it('plays through a pipe: the hint earns the full reward, and its parts are told', async () => {
    const actions = await solution(0);
    const { code, output } = await runCommand(
      ['webshop', 'play', ...SMALL],
      `?\nfly away\n${actions.join('\n')}\n`,
    );
    expect(code).toBe(0);
    expect(output).toContain('search[<your query>]\n> fly away\nNothing happens');
    expect(output).toMatch(/Bought after \d+ actions\.\n {2}yes {2}attribute: /);
    expect(output).toMatch(/Reward: (\d+) of \1 wishes met \* type 1 = 1\n$/);
  });

  it('leaves without a purchase, and refuses a goal that there is not', async () => {
    const play = (goal: number, typed: string) =>
      inProcess((output) =>
        playCommand({ ...small, goal, observation: 'text' }, output, Readable.from([typed])),
      );
    const left = await play(0, 'search[mug]\n!history\n!quit\nclick[buy now]\n');
    expect(left.output).toContain('[SEP] Page 1 (Total results: ');
    expect(left.output).toMatch(
      /1\. search\[mug\]\n\nLeft after 1 action: nothing was bought\.\n$/,
    );
    const none = await play(99_999, '');
    expect(none.output).toMatch(
      /^error: the shop has no goal 99999\. Give a number from 0 to \d+\./,
    );
  });
});

describe('spark-rl webshop validate', () => {
  const items = [
    { asin: 'B1', name: 'Red Mug', pricing: '$5.00' },
    { asin: 'B2', name: 'Blue Mug', pricing: '$6.00' },
  ].map((each) => ({
    ...each,
    full_description: '',
    product_category: 'Home',
    small_description: [],
    customization_options: '',
    category: 'garden',
    query: 'mugs',
  }));
  const ins = {
    B1: { attributes: ['red'], instruction: 'Find mugs', instruction_attributes: ['red'] },
  };
  const withB2 = { ...ins, B2: { attributes: [] } };
  const validate = (itemFile: unknown, insFile: unknown) =>
    inProcess((output) =>
      validateCommand({ items: written(itemFile), ins: written(insFile), tries: 10 }, output),
    );

  it('passes good files and tries their goals', async () => {
    const { code, output } = await validate(items, withB2);
    expect(output).toContain('2 products (0 skipped)');
    expect(output).toContain('1 goals, 1 tried: 1 earn 1 with their own product');
    expect(code).toBe(0);
  });

  it('names every error with its byte, and exits 1', async () => {
    const { code, output } = await validate([items[0], { ...items[1], pricing: 'six' }], ins);
    expect(output).toMatch(/error: no instruction entry: 1\n {2}\S+, B2, byte \d+: /);
    expect(output).toMatch(
      /error: wrong price: 1\n {2}\S+, B2, byte \d+: pricing "six" has no dollar sign/,
    );
    expect(output).toContain('The shop does not open');
    expect(code).toBe(1);
  });

  it('prints JSON', async () => {
    const damaged = written(`${JSON.stringify(items).slice(0, -1)},}`);
    const files = ['--items', damaged, '--ins', written(withB2)];
    const { code, stdout } = await runCommand(['webshop', 'validate', ...files, '--json']);
    const report = JSON.parse(stdout) as Record<string, unknown>;
    expect(report).toMatchObject({
      errors: 1,
      kinds: { damaged: 1 },
      problems: [{ kind: 'damaged', severity: 'error', byte: JSON.stringify(items).length }],
      goals: null,
    });
    expect(code).toBe(1);
  });

  it('wants the files that belong together', async () => {
    const { code, output } = await inProcess((to) =>
      validateCommand({ items: written(items), tries: 1 }, to),
    );
    expect(output).toContain(
      'error: --ins is missing: the data files belong together. Give --items and --ins',
    );
    expect(code).toBe(1);
  });
});

describe('spark-rl webshop serve', () => {
  it('serves the shop, answers strange requests, and stops on Ctrl-C', async () => {
    const shop = await serveShop(SMALL);
    try {
      expect(shop.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
      const home = await ask(shop.url);
      expect(home.status).toBe(200);
      expect(home.headers['content-type']).toBe('text/html; charset=utf-8');
      const head = await ask(shop.url, 'HEAD');
      expect([head.status, head.body]).toEqual([200, '']);
      expect(head.headers['content-length']).toBe(String(Buffer.byteLength(home.body)));
      const started = await ask(`${shop.url}start`, 'POST', 'goal=1');
      expect(started.status).toBe(303);
      const visit = new URL(started.headers.location!, shop.url).href;
      expect(visit).toMatch(/\/visit\/[0-9a-f-]{36}\/0$/);
      expect((await ask(visit)).body).toContain('Search the shop');
      expect((await ask(`${shop.url}nothing`)).status).toBe(404);
      expect((await ask(visit, 'PUT')).status).toBe(405);
      expect((await ask(visit, 'POST', `search=${'x'.repeat(20_000)}`)).status).toBe(413);
      expect((await ask(shop.url)).status).toBe(200);
    } finally {
      const { code, output } = await shop.stop();
      expect(code).toBe(0);
      expect(output).not.toContain('failed');
    }
  });

  it('says that a port is in use, and what to do', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const { code, output } = await runCommand([
      'webshop',
      'serve',
      ...SMALL,
      '--port',
      String(port),
    ]);
    await new Promise((resolve) => other.close(resolve));
    expect(output).toContain(
      `error: port ${port} of 127.0.0.1 is in use. Give another --port, or --port 0 for any that is free.`,
    );
    expect(code).toBe(1);
  });

  it('replays a file of episodes', async () => {
    const actions = await solution(2);
    const turns = actions.map((action) => ({
      response: `<think>I need <${action}></think><action>${action}</action>`,
    }));
    const shop = await serveShop([
      ...SMALL,
      '--replay',
      written({ goal: 2, title: 'Mine', turns, end: { score: 1 } }),
    ]);
    try {
      expect(shop.output()).toMatch(/1 recorded episodes at http\S+replay/);
      expect((await ask(`${shop.url}replay`)).body).toContain('Mine');
      const first = await ask(`${shop.url}replay/0/0`);
      expect(first.body).toContain('I need &lt;search[');
      expect(first.body).not.toContain('not faithful');
      const last = await ask(`${shop.url}replay/0/${turns.length}`);
      expect(last.body).toContain('<p class="score">1</p>');
    } finally {
      await shop.stop();
    }
  });

  it.each([
    ['{"goal": 0, "turns": [{}]}', /turns\.0: a turn needs a response or an action/],
    ['{"goal": 99999, "turns": []}', /Episode 1 is of goal 99999, and the shop has \d+ goals/],
    ['{"goal": 0,', /cannot be read/],
    ['[]', /has no episodes to replay/],
  ])('refuses the recording %s', async (content, message) => {
    const settings = { goal: 0, host: '127.0.0.1', port: 0, attributes: false };
    const { code, output } = await inProcess((to) =>
      serveCommand({ ...small, ...settings, replay: written(content) }, to),
    );
    expect(output).toMatch(message);
    expect(code).toBe(1);
  });
});
