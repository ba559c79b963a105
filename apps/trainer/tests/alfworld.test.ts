import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';

import { generateGame, formatGameFile } from '@spark-rl/env-alfworld';
import { Command } from 'commander';

import { addAlfworldCommands } from '../src/commands/alfworld/commands.js';
import { asksForJson, jsonOutput } from '../src/output/result.js';
import { playCommand } from '../src/commands/alfworld/play.js';
import { runCommand } from './command.js';

jest.setTimeout(120_000);

const data = join(__dirname, '..', '..', '..', '..', 'shared', 'data', 'alfworld');
const whereRecorded = existsSync(join(data, 'golden')) ? it : it.skip;

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'alfworld-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a command in this process. Errors are thrown, as the command line would get them. */
async function run(
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly output: string }> {
  let output = '';
  let code = -1;
  const program = new Command('spark-rl').exitOverride();
  const number = (text: string): number => Number(text);
  const screen = { write: (text: string) => void (output += text), interactive: false };
  addAlfworldCommands(
    program,
    asksForJson(args) ? jsonOutput(screen) : screen,
    (result) => (code = result),
    { wholeNumber: number, positiveNumber: number },
  );
  const typed = args.filter((arg) => arg !== '--json');
  await program.parseAsync(typed, { from: 'user' });
  return { code, output };
}

const generate = (...more: readonly string[]) =>
  run('alfworld', 'generate', '--out', folder, '--size', 'small', ...more);

describe('spark-rl alfworld', () => {
  it('generates a folder of games that it can index and validate', async () => {
    const made = await generate('--count', '6', '--split', 'all', '--seed', '4');
    expect(made).toEqual({
      code: 0,
      output: expect.stringMatching(/18 games of train, valid_seen, valid_unseen/) as string,
    });
    const first = await run('alfworld', 'index', folder);
    expect(first.output).toMatch(/all\s+│ 6\s+│ 6\s+│ 6\s+│ 18/);
    expect(first.output).toMatch(/18 games, 0 skipped, in .* s: 18 read.*there was none/);
    expect((await run('alfworld', 'index', folder)).output).toMatch(
      /: 0 read, the others known from the index\n$/,
    );
    const checked = await run('alfworld', 'validate', folder);
    expect(checked.code).toBe(0);
    expect(checked.output).toMatch(/18 games solvable \(18 by walkthrough\), 0 not\n$/);
  });

  it('generates the same bytes for the same options, and only what is asked for', async () => {
    const options = ['--count', '4', '--kinds', 'cool,pick_two_obj_and_place', '--split', 'L2'];
    await generate(...options);
    const files = (at: string): string[] =>
      (readdirSync(at, { recursive: true }) as string[])
        .filter((name) => /\.\w[\w-]*$/.test(name))
        .sort();
    const names = files(folder);
    expect(names.length).toBe(12);
    expect(names.every((name) => /^L2\/pick_(cool|two)/.test(name.replaceAll('\\', '/')))).toBe(
      true,
    );
    const read = (): string[] => names.map((name) => readFileSync(join(folder, name), 'utf8'));
    const before = read();
    rmSync(folder, { recursive: true });
    await generate(...options);
    expect(read()).toEqual(before);
    await expect(generate('--kinds', 'fly')).rejects.toThrow(
      /no kind of task fly.*Choose among simple/,
    );
    await expect(generate('--split', 'dev')).rejects.toThrow('split');
    await expect(generate('--size', 'huge')).rejects.toThrow('there is no size huge');
  });

  it('names what is damaged or cannot be won, counts it, and fails', async () => {
    await generate('--count', '6');
    const { file } = generateGame({ key: ['broken'], kinds: ['pick_and_place_simple'] });
    const write = (name: string, text: string): void =>
      writeFileSync(join(folder, `${name}.tw-pddl`), text);
    write('torn', '{');
    write(
      'twice',
      formatGameFile({
        ...file,
        problem: file.problem.replace('agent1 - agent', 'agent1 agent1 - agent'),
      }),
    );
    write(
      'shut',
      formatGameFile({
        ...file,
        problem: file.problem.replace(/\(receptacleAtLocation .*\)/g, ''),
      }),
    );
    write('silent', formatGameFile({ ...file, walkthrough: null }));
    const { code, output } = await run('alfworld', 'validate', folder);
    expect(code).toBe(1);
    expect(output).toMatch(/torn\.tw-pddl: damaged game: not JSON/);
    expect(output).toMatch(/twice\.tw-pddl: .*agent1 is declared twice/);
    expect(output).toMatch(
      /shut\.tw-pddl: not solvable: its walkthrough does not win, and none of its \d+ states is won/,
    );
    expect(output).toMatch(/7 games solvable \(6 by walkthrough, 1 by plan\), 3 not\n$/);
    const indexed = await run('alfworld', 'index', folder);
    expect(indexed.output).toMatch(
      /1 skipped: damaged game\n {2}torn\.tw-pddl: damaged game: not JSON/,
    );
    const json = await run('alfworld', 'index', folder, '--json');
    expect(JSON.parse(json.output)).toMatchObject({ skipped: [{ path: 'torn.tw-pddl' }] });
  });

  whereRecorded('verifies recordings of the original engine (needs ../shared/data)', async () => {
    const games = readdirSync(join(data, 'games')).filter((name) => name.endsWith('.tw-pddl'));
    for (const game of games) {
      const stem = game.replace('.tw-pddl', '');
      const recordings = [0, 1].map((seed) => join(data, 'golden', `${stem}.seed${seed}.json`));
      const { code, output } = await run(
        'alfworld',
        'verify',
        join(data, 'games', game),
        ...recordings,
      );
      expect([game, code, output.split('\n').at(-2)]).toEqual([
        game,
        0,
        expect.stringMatching(/^\d+ steps, 0 differences$/),
      ]);
    }
  });

  whereRecorded(
    'tells the first difference of a recording and fails (needs ../shared/data)',
    async () => {
      const game = join(data, 'games', 'fp14-cool-apple.tw-pddl');
      const recording = JSON.parse(
        readFileSync(join(data, 'golden', 'fp14-cool-apple.seed0.json'), 'utf8'),
      ) as { steps: { obs: string; admissible: string[] }[] };
      recording.steps[3]!.obs += '!';
      recording.steps[5]!.admissible.pop();
      const path = join(folder, 'changed.json');
      writeFileSync(path, JSON.stringify(recording));
      const { code, output } = await runCommand(['alfworld', 'verify', game, path]);
      expect(code).toBe(1);
      expect(output).toMatch(
        /^22 steps, 2 differences\nfirst difference: .*changed\.json, step 4 \(after ".*"\), observation\n {2}expected .*!"\n {2}found /,
      );
      await expect(run('alfworld', 'verify', game, join(folder, 'none.json'))).rejects.toThrow(
        'cannot be read',
      );
    },
  );

  it('plays with hints that lead to the win, and shows what was done', async () => {
    let output = '';
    const input = new Readable({ read: () => undefined });
    let asked = 0;
    // Asks for a hint after every answer, and does what it says.
    const write = (text: string): void => {
      output += text;
      const hint = /^(\S.*?) {2}\(/.exec(text)?.[1];
      if (hint !== undefined) input.push(`${hint}\n`);
      else if (text.includes('!quit leaves.') || text.startsWith('> ')) {
        if (asked++ === 2) input.push('!history\n');
        input.push('!hint\n');
      }
      if (text.includes('Won in')) input.push(null);
    };
    const code = await playCommand(
      { seed: 5, size: 'small' },
      { write, interactive: false },
      input,
    );
    expect(code).toBe(0);
    expect(output).toMatch(/Won in \d+ steps\.\n$/);
    expect(output).toMatch(/\n1\. go to .*\n {3}You arrive at /);
  });
});
