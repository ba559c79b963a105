import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';

import { readEpisodes } from '@spark-rl/env-scienceworld';
import { Command } from 'commander';

import { addScienceworldCommands } from '../src/commands/scienceworld/commands.js';
import { asksForJson, jsonOutput } from '../src/output/result.js';
import { parseNumbers, parseTasks } from '../src/commands/scienceworld/choose-tasks.js';
import { playCommand } from '../src/commands/scienceworld/play.js';
import { runCommand, start } from './command.js';

jest.setTimeout(240_000);

const recording = createRequire(__filename).resolve(
  '@spark-rl/env-scienceworld/recordings/easy-1.3.0.jsonl.gz',
);
const jar = process.env['SCIENCEWORLD_JAR'];
const whereJar = jar === undefined || jar === '' ? it.skip : it;

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'scienceworld-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a command in this process. Errors are thrown, as the command line would get them. */
async function run(...args: readonly string[]) {
  let output = '';
  let code = -1;
  const program = new Command('spark-rl').exitOverride();
  const number = (text: string): number => Number(text);
  const screen = { write: (text: string) => void (output += text), interactive: false };
  addScienceworldCommands(
    program,
    asksForJson(args) ? jsonOutput(screen) : screen,
    (result) => (code = result),
    { wholeNumber: number, positiveNumber: number },
  );
  const typed = args.filter((arg) => arg !== '--json');
  await program.parseAsync(['scienceworld', ...typed], { from: 'user' });
  return { code, output };
}

/** Plays along the package's recording with some lines of input. */
async function play(task: string, ...lines: readonly string[]): Promise<string> {
  let output = '';
  const options = { task, variation: 0, recording, gold: false };
  const screen = { write: (text: string) => void (output += text), interactive: false };
  expect(await playCommand(options, screen, Readable.from(lines.map((line) => `${line}\n`)))).toBe(
    0,
  );
  return output;
}

describe('spark-rl scienceworld', () => {
  it('plays a recorded gold path to its end, with scores', async () => {
    const gold = (await readEpisodes(recording)).find(
      ({ kind, task, variation }) => kind === 'gold' && task === 'find-plant' && variation === 0,
    )!;
    const output = await play('4-3', ...gold.steps.map(({ action }) => action), 'look around');
    expect(output).toMatch(/^find-plant, variation 0\nYour task is to find a\(n\) plant\./);
    expect(output).toMatch(/> focus on .*\nYou focus on .*\n\[score 67\]\n/);
    expect(output).toMatch(/\[score 100\]\n\nDone with 10 actions and 9 ticks\.\n$/);
  });

  it('answers asides, refuses a reset, and says where the recording knows nothing', async () => {
    const output = await play('7-1', '!valid', 'reset task', 'fly', '', '!score', '!gold', '!quit');
    expect(output).toMatch(/\nopen door to greenhouse\n/);
    expect(output).toMatch(/The task cannot be reset; start it again instead\./);
    expect(output).toMatch(/> fly\nNo recording tells what that would do\./);
    expect(output).toMatch(/score 0 after 1 action and 0 ticks\n/);
    expect(output).toMatch(/\nfocus on baby baby brown bear\n/);
    expect(output).toMatch(/Left after 1 action and 0 ticks, score 0\.\n$/);
    await expect(play('10-1', '!quit')).rejects.toThrow('has no episode of that task');
  });

  it('says what is missing, and how to get it', async () => {
    const none = join(folder, 'none.jar');
    const found = await run('doctor', '--jar', none, '--java', join(folder, 'java'));
    expect(found.code).toBe(1);
    expect(found.output).toMatch(/^missing java .*Install a Java runtime/m);
    expect(found.output).toMatch(/^missing jar .*pip install scienceworld/m);
    expect(found.output).not.toMatch(/world {4}started/);
    const json = JSON.parse((await run('doctor', '--jar', none, '--json')).output) as object;
    expect(json).toMatchObject({ ok: false });
    await expect(run('record', '--out', join(folder, 'x'), '--task', '4-1', '--jar', none))
      .rejects //
      .toThrow('there is no file');
  });

  it('refuses the engine that is not there yet, and files that are none', async () => {
    await expect(run('verify', recording, '--engine', 'native')).rejects.toThrow(
      '--engine: the native simulator is not there yet. Use --engine jar',
    );
    await expect(run('verify', recording, '--engine', 'java')).rejects.toThrow('no engine java');
    await expect(run('verify', join(folder, 'none'))).rejects.toThrow('cannot be read');
    writeFileSync(join(folder, 'torn'), '{"kind": "gold"');
    const torn = await runCommand(['scienceworld', 'verify', join(folder, 'torn')]);
    expect(torn.code).toBe(1);
    expect(torn.output).toMatch(/torn, line 1: is no JSON/);
  });

  it('reads tasks and variations', () => {
    expect(parseTasks('boil, 4-2,8').map(({ id }) => id)).toEqual(['1-1', '4-2', '8-1', '8-2']);
    expect(parseTasks('all').length).toBe(30);
    expect(() => parseTasks('cook')).toThrow('no task "cook"');
    expect(parseNumbers('7, 0-2,1')).toEqual([0, 1, 2, 7]);
    expect(() => parseNumbers('3-1')).toThrow('"3-1" is no number and no range');
  });

  whereJar('records what it then verifies (needs SCIENCEWORLD_JAR)', async () => {
    const out = join(folder, 'a.jsonl.gz');
    const recorded = await run('record', '--out', out, '--task', '4-2,7-1', '--valid');
    expect(recorded.output).toMatch(
      /7-1 lifespan-longest-lived, variation 0: 5 actions, score 100/,
    );
    const more = ['--play', 'random', '--max-actions', '3', '--seed', '5', '--append'];
    await run('record', '--out', out, '--task', '4-2', ...more);
    const verified = await run('verify', out, '--jobs', '2');
    expect(verified.output).toMatch(/3 of 3 episodes and 16 of 16 steps .* are exact/);
    expect(verified.code).toBe(0);

    const episodes = await readEpisodes(out);
    const changed = episodes.map((episode, i) =>
      i !== 1
        ? episode
        : {
            ...episode,
            steps: episode.steps.map((step, at) =>
              at === 2 ? { ...step, obs: 'Nothing.' } : step,
            ),
          },
    );
    const plain = join(folder, 'changed.jsonl');
    writeFileSync(plain, changed.map((episode) => `${JSON.stringify(episode)}\n`).join(''));
    const differs = await run('verify', plain);
    expect(differs.code).toBe(1);
    expect(differs.output).toMatch(/2 of 3 episodes and 15 of 16 steps/);
    expect(differs.output).toMatch(
      /first difference of lifespan-longest-lived: variation 0, step 3, after ".*": obs\n {2}recorded "Nothing\."\n {2}found {4}"/,
    );
  });

  whereJar('leaves no process behind after Ctrl-C (needs SCIENCEWORLD_JAR)', async () => {
    const running = start(['scienceworld', 'verify', recording], '', { CI: '' });
    await running.sees(/\d+ % after/);
    const commandOf = (pid: string): string => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      } catch {
        return '';
      }
    };
    const { pid } = running.child;
    const simulators = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
      .trim()
      .split(/\s+/)
      .filter((child) => commandOf(child).includes('py4j'));
    expect(simulators.length).toBe(1);
    running.child.kill('SIGINT');
    const { code, output } = await running.finished;
    expect([code, output.includes('SIGINT: stopping')]).toEqual([130, true]);
    expect(simulators.filter((child) => commandOf(child).includes('py4j'))).toEqual([]);
  });
});
