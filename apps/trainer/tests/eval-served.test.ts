import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { textPolicy } from '@spark-rl/core';

import { main } from '../src/cli.js';
import { startServer, type RunningServer } from '../src/serve/http-server.js';
import { grammar } from './tiny-model.js';

const folder = mkdtempSync(join(tmpdir(), 'spark-rl-eval-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A chat model that does one of the actions that it is told of, and explores in every third turn. */
const prompts: string[] = [];
let server: RunningServer;
beforeAll(async () => {
  const policy = textPolicy('stand-in', (prompt) => {
    prompts.push(prompt);
    const listed = /Possible actions now:\n((?:- .*\n?)+)/.exec(prompt)?.[1] ?? '';
    const actions = [...listed.matchAll(/^- (.*)$/gm)].map((match) => match[1]!);
    const turn = Number(/\[turn (\d+), now\]/.exec(prompt)?.[1]);
    const mode = turn % 3 === 0 && prompt.includes('<explore>') ? 'explore' : 'think';
    const action = actions[(turn * 7) % actions.length] ?? '';
    return `<${mode}>I try this.</${mode}><action>${action}</action>`;
  });
  server = await startServer({
    model: { name: 'stand-in', policy, created: 1, parse: grammar.parse },
    host: '127.0.0.1',
    port: 0,
    tokens: null,
  });
});
afterAll(() => server.close(0));
beforeEach(() => void prompts.splice(0));

async function evaluate(...args: readonly string[]) {
  let output = '';
  const write = (text: string): void => void (output += text);
  const code = await main(
    [
      ...['eval', '--policy', server.url, '--model', 'stand-in', '--size', 'small'],
      ...['--episodes', '3', '--temperature', '0.4', ...args],
    ],
    { write, interactive: false },
  );
  return { code, output };
}

interface Document {
  readonly subject: { readonly model: string };
  readonly notMeasured: readonly { readonly split: string; readonly reason: string }[];
  readonly results: readonly {
    readonly split: string;
    readonly games: number;
    readonly lost: number;
    readonly exploreShare: number;
    readonly invalidShare: number;
    readonly success: { readonly low: number; readonly high: number };
    readonly kinds: readonly { readonly name: string }[];
    readonly answers: readonly { readonly rule: string }[];
  }[];
}

describe('spark-rl eval of a served chat model', () => {
  it.each([
    ['react', 0],
    ['spark', 0.2],
  ])('speaks %s, says the rules and reads the answers', async (name, least) => {
    const { code, output } = await evaluate('--grammar', name, '--json');
    expect(code).toBe(0);
    const document = JSON.parse(output) as Document;
    expect(document.subject.model).toBe('stand-in');
    const [row] = document.results;
    expect(row).toMatchObject({ games: 3, split: 'valid_unseen' });
    expect(row).toMatchObject({ lost: 0, invalidShare: 0 });
    expect(row!.exploreShare).toBeGreaterThanOrEqual(least);
    if (least === 0) expect(row!.exploreShare).toBe(0);
    expect(row!.success.high).toBeGreaterThan(row!.success.low);
    expect(prompts[0]).toMatch(/Possible actions now:/);
    expect(prompts[0]!.includes('<explore>')).toBe(name === 'spark');
  });

  it('records into a cassette and replays it without a server; a miss names the nearest call', async () => {
    const cassette = join(folder, 'stand-in.jsonl');
    const recorded = await evaluate('--json', '--cassette', cassette, '--record');
    const calls = prompts.length;
    expect(calls).toBeGreaterThan(10);
    const replayed = await evaluate('--json', '--cassette', cassette);
    expect(prompts).toHaveLength(calls);
    expect(JSON.parse(replayed.output)).toEqual(JSON.parse(recorded.output));
    expect(readFileSync(cassette, 'utf8').split('\n').length).toBe(calls + 2);
    const other = await evaluate('--cassette', cassette, '--max-tokens', '99');
    expect(other.code).toBe(1);
    expect(other.output).toMatch(/max_tokens \(asked 99; recorded 512\)/);
  });

  it('shows a table that says of what', async () => {
    const { output } = await evaluate('--grammar', 'rlvmr', '--leaves', '2');
    expect(output).toMatch(/stand-in, rlvmr-messages in embedded ALFWorld, small, valid_unseen/);
    expect(output).toMatch(/success \[95 %\]/);
    expect(output).toMatch(/up to 2 leaves from 1 root/);
  });

  it('measures the levels, L2 on the kinds that it is told are new to the model', async () => {
    const levels = async (...args: readonly string[]): Promise<Document> => {
      const { code, output } = await evaluate('--levels', '--episodes', '2', '--json', ...args);
      expect([code, output]).toEqual([0, expect.stringMatching(/^\{/)]);
      return JSON.parse(output) as Document;
    };
    const all = await levels('--held-out', 'two,cool', '--leaves', '2');
    expect(all.results.map(({ split }) => split)).toEqual(['L0', 'L1', 'L2']);
    const held = ['pick_cool_then_place_in_recep', 'pick_two_obj_and_place'];
    expect(all.results[2]!.kinds.map(({ name }) => name)).toEqual(held);
    for (const { kinds } of all.results.slice(0, 2))
      for (const { name } of kinds) expect(held).not.toContain(name);
    // The server tells no tokens, so no path is the likeliest.
    expect(all.results[0]!.answers.map(({ rule }) => rule)).toEqual(['first', 'majority', 'any']);
    const some = await levels();
    expect(some.results.map(({ split }) => split)).toEqual(['L0', 'L1']);
    expect(some.notMeasured).toEqual([
      { split: 'L2', reason: expect.stringMatching(/--held-out/) as string },
    ]);
  });

  it('refuses what cannot be', async () => {
    for (const [args, message] of [
      [['--server', 'ollama'], /--server ollama is none of spark-rl, vllm/],
      [['--grammar', 'prose'], /--grammar prose is none of/],
      [['--grammar', 'raect'], /Did you mean react\?/],
      [['--split', 'L2'], /there is no split L2: no kind of task was held out.*--held-out/],
      [['--split', 'valid-unseen'], /Did you mean valid_unseen\?/],
      [['--held-out', 'tow'], /there is no kind of task tow/],
      [['--record'], /--record needs --cassette/],
      [['--size', 'tiny'], /--size tiny is none of small, full/],
      [['--cassette', join(folder, 'absent.jsonl')], /it holds no calls/],
    ] as const) {
      const { code, output } = await evaluate(...args);
      expect(output).toMatch(message);
      expect(code).toBe(1);
    }
  });
});
