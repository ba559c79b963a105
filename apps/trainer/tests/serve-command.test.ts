/**
 * @jest-environment ../../packages/tensor-onnx/tests/shared-arrays-environment.mjs
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';

import { main } from '../src/cli.js';
import { start, type Finished, type Running } from './command.js';
import { tinyModel, writeModel } from './tiny-model.js';

jest.setTimeout(240_000);

const folder = mkdtempSync(join(tmpdir(), 'spark-rl-serve-'));
const model = join(folder, 'tiny');
const run = join(folder, 'run');
beforeAll(async () => {
  writeModel(model, tinyModel());
  const trained = await runCommand([
    ...['train', '--preset', 'smoke', '--out', folder, '--id', 'run'],
    ...['--set', 'warmup.tokens=20000', '--set', 'reinforcement.maxSteps=1'],
    ...['--set', 'evaluation.episodes=2'],
  ]);
  expect(trained.output).toMatch(/success on unseen games/);
});
const servers: Running[] = [];
afterAll(() => {
  // What a failed test left would keep everything waiting.
  for (const { child } of servers) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** The command line in this process: a process of its own takes seconds to start. */
async function runCommand(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Finished> {
  let output = '';
  Object.assign(process.env, env);
  try {
    const write = (text: string): void => void (output += text);
    const code = await main(args, { write, interactive: false });
    return { code, output, stdout: output };
  } finally {
    for (const name of Object.keys(env)) delete process.env[name];
  }
}

/** What an evaluation's document says but for whom it measured: a checkpoint, or the model behind an address. */
function measuredIn({ stdout }: Finished): Record<string, unknown> {
  const { subject, ...measured } = JSON.parse(stdout) as Record<string, unknown>;
  expect(subject).toBeDefined();
  return measured;
}

/** Long enough to be found in a text, and nowhere else. */
const CANARY = 'canary-7f3a9c21d0';

/** Starts the real command, and waits until it listens. */
async function serve(
  ...args: readonly string[]
): Promise<Running & { readonly url: string; readonly printed: () => Promise<string> }> {
  const running = start(['serve', ...args, '--port', '0', '--engine', 'onnx-cpu']);
  servers.push(running);
  await running.sees(/at http:\S+\/v1\n.+\n/);
  const url = /at (http:\S+)\/v1/.exec(running.output())![1]!;
  return {
    ...running,
    url,
    printed: async () => {
      running.child.kill('SIGINT');
      return (await running.finished).output;
    },
  };
}

const models = (url: string, token?: string): Promise<Response> =>
  fetch(`${url}/v1/models`, {
    ...(token !== undefined && { headers: { authorization: `Bearer ${token}` } }),
  });

/** All that lies below a folder, as one text. */
function everything(at: string): string {
  return (readdirSync(at, { recursive: true }) as string[])
    .map((name) => join(at, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path, 'latin1'))
    .join('\n');
}

describe('spark-rl serve', () => {
  it('makes a token, asks for it, listens to this machine alone, and stops on Ctrl-C', async () => {
    const server = await serve(model);
    const token = /token: (spark-\S{32})\n/.exec(server.output())![1]!;
    expect((await models(server.url)).status).toBe(401);
    expect((await models(server.url, `${token.slice(0, -1)}x`)).status).toBe(401);
    const listed = (await (await models(server.url, token)).json()) as { data: { id: string }[] };
    expect(listed.data.map(({ id }) => id)).toEqual(['tiny']);
    expect(new URL(server.url).hostname).toBe('127.0.0.1');
    const outside = Object.values(networkInterfaces())
      .flatMap((each) => each ?? [])
      .find(({ internal, family }) => !internal && family === 'IPv4');
    if (outside !== undefined) {
      const other = server.url.replace('127.0.0.1', outside.address);
      await expect(fetch(`${other}/health`)).rejects.toThrow();
    }
    const printed = await server.printed();
    expect(printed).toMatch(/SIGINT: stopping/);
    expect((await server.finished).code).toBe(0);
  });

  it('never prints a token that it was given, and needs none with --no-token', async () => {
    const given = await serve(model, '--token', CANARY, '--token', `second-${CANARY}`);
    expect((await models(given.url, CANARY)).status).toBe(200);
    expect((await models(given.url, `second-${CANARY}`)).status).toBe(200);
    expect((await models(given.url, `third-${CANARY}`)).status).toBe(401);
    const printed = await given.printed();
    expect(printed).toMatch(/asks for one of the 2 tokens that you gave/);
    expect(printed).not.toContain(CANARY);
    const open = await serve(model, '--no-token', '--name', 'agent');
    expect((await models(open.url)).status).toBe(200);
    expect(await open.printed()).toMatch(/as agent .*\nno token is asked for: every program/);
  });

  it('says what is wrong: a taken port, a folder that is none, a checkpoint that is not there', async () => {
    const server = await serve(model);
    const port = new URL(server.url).port;
    const taken = await runCommand(['serve', model, '--port', port, '--engine', 'onnx-cpu']);
    expect(taken).toMatchObject({
      code: 1,
      output: expect.stringContaining(
        `port ${port} of 127.0.0.1 is in use. Give another`,
      ) as string,
    });
    await server.printed();
    for (const [args, message] of [
      [['serve', join(folder, 'nothing')], /there is no folder/],
      [['serve', folder], /neither a run nor a model/],
      [['serve', run, '--checkpoint', 'step-99'], /step-99.*Choose one of: final, warmup/],
      [['serve', model, '--checkpoint', 'final'], /which has no checkpoints/],
      [['serve', model, '--token', ' '], /a token may not be empty/],
      [['serve', model, '--port', '70000'], /Give a port/],
      [['serve', model, '--grammar', 'prose'], /there is no grammar prose/],
    ] as const) {
      const { code, output } = await runCommand(args);
      expect(output).toMatch(message);
      expect(code).toBe(1);
    }
  });
});

describe('spark-rl eval --policy', () => {
  it('measures over HTTP exactly what it measures in process', async () => {
    const server = await serve(run, '--token', CANARY);
    const asked = ['eval', run, '--episodes', '4', '--temperature', '1,0.4', '--json'];
    const here = await runCommand([...asked, '--engine', 'onnx-cpu']);
    const remote = ['--policy', server.url, '--server', 'spark-rl', '--model', 'run'];
    const env = { SPARK_TEST_KEY: CANARY };
    const cassette = join(folder, 'cassettes', 'eval.jsonl');
    const there = await runCommand(
      [...asked, ...remote, '--key-env', 'SPARK_TEST_KEY', '--cassette', cassette, '--record'],
      env,
    );
    expect(here.code).toBe(0);
    expect(measuredIn(there)).toEqual(measuredIn(here));
    await server.printed();
    // The server is gone: what it answered is in the cassette, and the key is in nothing that was written.
    const replayed = await runCommand([...asked, ...remote, '--cassette', cassette]);
    expect(measuredIn(replayed)).toEqual(measuredIn(here));
    const other = await runCommand(
      [...asked, ...remote, '--cassette', cassette, '--seed', '77'],
      env,
    );
    expect(other.code).toBe(1);
    expect(other.output).toMatch(/does not hold this call.*the nearest/s);
    const written = `${everything(folder)}${there.output}${replayed.output}${other.output}`;
    expect(written).toContain('/v1/completions');
    expect(written).not.toContain(CANARY);
  });

  it('shows no key when it is wrong', async () => {
    const server = await serve(model);
    const refused = await runCommand(
      [
        ...['eval', '--policy', server.url, '--model', 'tiny', '--episodes', '1'],
        ...['--key-env', 'SPARK_TEST_KEY', '--size', 'small'],
      ],
      { SPARK_TEST_KEY: CANARY },
    );
    expect(refused.code).toBe(1);
    expect(refused.output).toMatch(/answered 401/);
    expect(`${refused.output}${await server.printed()}`).not.toContain(CANARY);
  });
});
