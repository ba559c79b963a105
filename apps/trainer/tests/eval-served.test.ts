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

interface Row {
  readonly successes: readonly boolean[];
  readonly lost: number;
  readonly exploreRatio: number;
  readonly invalidRatio: number;
  readonly low: number;
  readonly high: number;
}
const rows = (output: string): readonly Row[] => JSON.parse(output) as readonly Row[];

describe('spark-rl eval of a served chat model', () => {
  it.each([
    ['react', 0],
    ['spark', 0.2],
  ])('speaks %s, says the rules and reads the answers', async (name, least) => {
    const { code, output } = await evaluate('--grammar', name, '--json');
    expect(code).toBe(0);
    const [row] = rows(output);
    expect(row!.successes).toHaveLength(3);
    expect(row).toMatchObject({ lost: 0, invalidRatio: 0 });
    expect(row!.exploreRatio).toBeGreaterThanOrEqual(least);
    if (least === 0) expect(row!.exploreRatio).toBe(0);
    expect(row!.high).toBeGreaterThan(row!.low);
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
    expect(rows(replayed.output)).toEqual(rows(recorded.output));
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

  it('refuses what cannot be', async () => {
    for (const [args, message] of [
      [['--server', 'ollama'], /--server ollama is none of spark-rl, vllm/],
      [['--grammar', 'prose'], /--grammar prose is none of/],
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
