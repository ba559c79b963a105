import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { runCommand } from './command.js';

jest.setTimeout(300_000);

const folder = mkdtempSync(join(tmpdir(), 'spark-rl-levels-'));
const run = join(folder, 'held');
const HELD_OUT = ['pick_cool_then_place_in_recep', 'pick_two_obj_and_place'];

beforeAll(async () => {
  const { code, output } = await runCommand([
    ...['train', '--preset', 'smoke', '--id', 'held', '--out', folder],
    ...['--environment.heldOut', JSON.stringify(HELD_OUT), '--evaluation.episodes', '4'],
  ]);
  expect([code, output]).toEqual([0, expect.stringMatching(/after SPARK/)]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Answer {
  readonly from: string;
  readonly rule: string;
  readonly pathsPerGame: number;
  readonly successes: readonly boolean[];
}
interface Result {
  readonly split: string;
  readonly episodesPerGame: number;
  readonly success: { readonly mean: number; readonly low: number; readonly high: number };
  readonly kinds: readonly { readonly name: string; readonly games: number }[];
  readonly passAt: readonly { readonly k: number; readonly success: { readonly mean: number } }[];
  readonly answers: readonly Answer[];
  readonly episodes: readonly { readonly kind: string; readonly successes: readonly boolean[] }[];
}
interface Document {
  readonly format: string;
  readonly results: readonly Result[];
  readonly notMeasured: readonly object[];
}

/** Every name of a field in a document, however deep. */
function fieldsOf(value: unknown): ReadonlySet<string> {
  if (Array.isArray(value)) return new Set(value.flatMap((each) => [...fieldsOf(each)]));
  if (typeof value !== 'object' || value === null) return new Set();
  return new Set(Object.entries(value).flatMap(([name, inner]) => [name, ...fieldsOf(inner)]));
}

describe('spark-rl eval of a run that holds kinds out', () => {
  let document: Document;

  it('prints one JSON document on standard output, and progress on standard error', async () => {
    const { code, stdout, output } = await runCommand([
      ...['eval', '--levels', '--samples', '3', '--leaves', '3', '--episodes', '4'],
      ...['--temperature', '1', '--json', run],
    ]);
    expect(code).toBe(0);
    expect(output).toMatch(/measuring \.\.\./);
    expect(stdout).not.toMatch(/measuring/);
    document = JSON.parse(stdout) as Document;
    expect(document).toMatchObject({
      format: 'spark-rl/evaluation/1',
      subject: { run, checkpoint: 'final' },
      environment: 'alfworld',
      notMeasured: [],
    });
  });

  it('measures each level on the kinds that belong to it', () => {
    expect(document.results.map(({ split }) => split)).toEqual(['L0', 'L1', 'L2']);
    for (const { split, kinds, episodes } of document.results) {
      for (const { name } of kinds) expect(HELD_OUT.includes(name)).toBe(split === 'L2');
      for (const { kind } of episodes) expect(HELD_OUT.includes(kind)).toBe(split === 'L2');
      expect(kinds.reduce((sum, { games }) => sum + games, 0)).toBe(4);
    }
  });

  it('tells pass@k and who answers, from trees and from episodes', () => {
    for (const { episodesPerGame, episodes, passAt, answers, success } of document.results) {
      expect(episodesPerGame).toBe(3);
      for (const { successes } of episodes) expect(successes).toHaveLength(3);
      const won = episodes.flatMap(({ successes }) => successes).filter(Boolean).length;
      expect(success.mean).toBeCloseTo(won / 12, 12);
      expect(success.high).toBeGreaterThan(success.low);
      expect(passAt.map(({ k }) => k)).toEqual([1, 2, 3]);
      expect(passAt[0]!.success.mean).toBeCloseTo(success.mean, 12);
      expect([...new Set(answers.map(({ from }) => from))]).toEqual([
        'one-sample',
        'tree',
        'episodes-at-equal-tokens',
        'episodes',
      ]);
      for (const { successes } of answers) expect(successes).toHaveLength(4);
      const all = answers.filter(({ from }) => from === 'episodes');
      expect(all.map(({ rule }) => rule)).toEqual(['majority', 'likeliest', 'any']);
      expect(all.every(({ pathsPerGame }) => pathsPerGame === 3)).toBe(true);
    }
  });

  it('is documented field by field', () => {
    const page = readFileSync(join(__dirname, '..', '..', '..', 'docs', 'evaluation.md'), 'utf8');
    const words = new Set(page.match(/[A-Za-z]+/g));
    expect([...fieldsOf(document)].filter((field) => !words.has(field))).toEqual([]);
    expect(fieldsOf(document).size).toBeGreaterThan(35);
  });

  it('shows the levels in one table', async () => {
    const { code, stdout } = await runCommand([
      ...['eval', run, '--levels', '--episodes', '2', '--temperature', '1'],
    ]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/final of .*held, L0, L1, L2\n/);
    for (const level of ['L0', 'L1', 'L2'])
      expect(stdout).toMatch(new RegExp(`│ ${level}, temperature 1 +│ all +│ +2 │`));
    expect(stdout.match(/one sampled episode of each game/g)).toHaveLength(1);
  });

  it('answers a mistake as JSON on standard error, with the nearest name', async () => {
    const { code, stdout, output } = await runCommand([
      'eval',
      run,
      '--split',
      'L-trian',
      '--json',
    ]);
    expect([code, stdout]).toEqual([1, '']);
    expect(JSON.parse(output)).toMatchObject({
      error: {
        field: '--split',
        value: 'L-trian',
        remedy: expect.stringMatching(/L-train\?/) as string,
      },
    });
  });
});
