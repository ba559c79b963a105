import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { main } from '../src/cli.js';
import { runCommand } from './command.js';

jest.setTimeout(60_000);

const folder = mkdtempSync(join(tmpdir(), 'spark-rl-bad-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const out = join(folder, 'runs');
const damaged = join(folder, 'damaged.tw-pddl');
const truncated = join(folder, 'truncated.tw-pddl');
writeFileSync(damaged, '{"pddl_domain": "(define');
writeFileSync(
  truncated,
  '{"pddl_domain": "(define (domain alfred)", "grammar": "", "pddl_problem": "x"}',
);

/** What is typed, and what the answer must say: what is wrong, where, and what to do. */
const cases: readonly (readonly [string[], RegExp])[] = [
  [['train', '--preset', 'quick'], /no preset quick\. Known here: quickstart, smoke/],
  [['train', '--sed', '3'], /unknown option '--sed'[\s\S]*--seed/],
  [['trian'], /unknown command 'trian'[\s\S]*train/],
  [['train', '--seed', 'x'], /--seed <number>' argument 'x' is invalid\. Give a whole number/],
  [
    ['train', '--set', 'rollout.roots=9'],
    /rollout\.roots: the roots M may not be more than the leaves N \(found 9\)/,
  ],
  [
    [
      'train',
      '--environment.kinds',
      '["pick_and_place_simple"]',
      '--environment.heldOut',
      '["pick_two_obj_and_place"]',
    ],
    /environment\.heldOut: what is held out is measured, so it must be among kinds/,
  ],
  [
    [
      'train',
      '--environment.kinds',
      '["pick_and_place_simple"]',
      '--environment.heldOut',
      '["pick_and_place_simple"]',
    ],
    /environment\.heldOut: every kind is held out, so nothing is left to learn from/,
  ],
  [['train', '--set', 'rollout.width=0'], /rollout\.width.*found 0/],
  [['train', '--set', 'rollout.leefs=9'], /no field rollout\.leefs\. Known here:.*leaves/],
  [['train', '--engine', 'cuda'], /no engine cuda\. Choose auto or one of: .*onnx-cpu/],
  [
    ['train', '--engine', 'tfjs-node'],
    /tfjs-node: @tensorflow\/tfjs-node is not installed\. Run "npm install/,
  ],
  [['resume', folder], /not a run folder: it has no manifest\.json\. Give the folder of a run/],
  [['resume', join(folder, 'none')], /not a run folder: it does not exist/],
  [['eval', join(folder, 'none')], /not a run folder/],
  [['eval', '--temperature', '1', join(folder, 'none')], /none is not a run folder/],
  [['eval', '--temperature', '1,hot', folder], /--temperature hot is not a number from 0 to 2/],
  [['eval', folder, '--split', 'test'], /is not a run folder/],
  [['eval', folder, '--choose', 'majority'], /--choose needs --leaves or --samples.*--leaves 8/],
  [['eval', folder, '--roots', '2'], /--roots needs --leaves.*--leaves 8/],
  [['eval', folder, '--sample', '2'], /unknown option '--sample'[\s\S]*--samples/],
  [['eval', folder, '--pass-at', '1,x'], /--pass-at x is not a whole number from 1/],
  [
    ['eval', folder, '--samples', '2', '--pass-at', '4'],
    /passAt: pass@k needs at least k episodes.*--samples/,
  ],
  [['eval', folder, '--levels', '--split', 'L1'], /--levels and --split ask for different games/],
  [['eval', folder, '--held-out', 'two'], /--held-out is for a served model.*environment\.heldOut/],
  [['eval', folder, '--leaves', '4', '--roots', '5'], /roots may not be more.*found 5/],
  [
    ['eval', folder, '--leaves', '4', '--choose', 'best'],
    /--choose best is none of.*Known here: majority/,
  ],
  [
    ['eval', folder, '--leaves', '4', '--choose', 'majorty'],
    /--choose majorty is none of.*Did you mean majority\?/,
  ],
  [['compare', '--out', folder], /no finished run in .*Train one first/],
  [['play', '--game', join(folder, 'no.tw-pddl')], /no\.tw-pddl/],
  [['play', '--game', damaged], /damaged\.tw-pddl: not JSON[\s\S]*(Download|again)/],
  [['play', '--game', truncated], /truncated\.tw-pddl/],
  [['play', '--size', 'huge'], /no size huge\. Choose small or full/],
];

describe('spark-rl --version', () => {
  it('prints the version of the package', async () => {
    const manifest = JSON.parse(readFileSync(join(__dirname, '..', 'package.json'), 'utf8')) as {
      version: string;
    };
    expect(await runCommand(['--version'])).toMatchObject({
      code: 0,
      output: `${manifest.version}\n`,
    });
  });
});

describe('bad input', () => {
  it.each(cases)('%j', async (args, message) => {
    let output = '';
    const withOut = args[0] === 'train' ? [...args, '--out', out] : args;
    const code = await main(withOut, { write: (text) => (output += text), interactive: false });
    expect(output).toMatch(message);
    expect(code).toBe(1);
    expect(output).not.toMatch(/\n\s+at /);
    // Nothing half-made is left behind.
    expect(existsSync(out) ? readdirSync(out) : []).toEqual([]);
  });

  it('ends the real process with that code', async () => {
    const { code, output } = await runCommand(['train', '--set', 'rollout.roots=9']);
    expect(code).toBe(1);
    expect(output).toMatch(/^\nerror: configuration: rollout\.roots/);
  });
});
