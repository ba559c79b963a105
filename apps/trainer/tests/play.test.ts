import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { runCommand } from './command.js';

jest.setTimeout(60_000);

const data = join(__dirname, '..', '..', '..', '..', 'shared', 'data', 'alfworld');
const game = join(data, 'games', 'fp14-heat-potato-v213.tw-pddl');
const whereRecorded = existsSync(game) ? it : it.skip;

interface Golden {
  readonly intro: string;
  readonly steps: readonly { readonly cmd: string; readonly obs: string; readonly done: boolean }[];
}

describe('spark-rl play', () => {
  whereRecorded('plays the real kitchen as it was recorded (needs ../shared/data)', async () => {
    const golden = JSON.parse(
      readFileSync(join(data, 'golden', 'fp14-heat-potato-v213.seed0.json'), 'utf8'),
    ) as Golden;
    // Play skips empty lines; everything else goes to the game as it is typed.
    const steps = golden.steps.filter(({ cmd }) => cmd.trim() !== '');
    const commands = steps.map(({ cmd }) => cmd);
    const { code, output } = await runCommand(['play', '--game', game], `${commands.join('\n')}\n`);
    expect(code).toBe(0);
    expect(output.startsWith(golden.intro.trimEnd())).toBe(true);
    const said = output.slice(output.indexOf('!quit leaves.\n') + '!quit leaves.\n'.length);
    const expected = steps.map(({ cmd, obs }) => `> ${cmd.trim()}\n${obs}\n`).join('');
    expect(said.startsWith(expected)).toBe(true);
  });

  it('plays a generated game, lists what does something, and leaves', async () => {
    const { code, output } = await runCommand(
      ['play', '--seed', '3'],
      '?\nlook\nfly away\n!quit\n',
    );
    expect(code).toBe(0);
    expect(output).toMatch(/-= Welcome to TextWorld, ALFRED! =-/);
    expect(output).toMatch(/\ninventory\nlook\n/);
    expect(output).toMatch(/> fly away\nNothing happens\.\n/);
    expect(output).toMatch(/Left after 2 steps, not won\./);
  });
});
