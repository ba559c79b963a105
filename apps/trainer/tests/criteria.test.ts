import type { LabReport } from '@spark-rl/criteria-lab';
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { runCommand } from './command.js';

jest.setTimeout(240_000);

const folder = mkdtempSync(join(tmpdir(), 'spark-rl-criteria-'));
const run = join(folder, 'run');
const out = join(folder, 'lab');
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const NAMES = ['explore-tag', 'mean-entropy', 'top2-margin', 'entropy-change', 'always', 'never'];
const criteria = (...more: string[]): string[] => [
  ...['criteria', run, '--episodes', '2', '--criteria', NAMES.join(','), '--out', out],
  ...more,
];
const reportOf = (): Record<string, unknown> & LabReport =>
  JSON.parse(readFileSync(join(out, 'report.json'), 'utf8')) as Record<string, unknown> & LabReport;
const probesOf = (): Record<string, string> =>
  Object.fromEntries(
    readdirSync(join(out, 'probes'))
      .sort()
      .map((file) => [file, readFileSync(join(out, 'probes', file), 'utf8')]),
  );

describe('spark-rl criteria', () => {
  beforeAll(async () => {
    const settings = ['warmup.tokens=30000', 'reinforcement.maxSteps=1', 'evaluation.episodes=2'];
    const { code } = await runCommand([
      ...['train', '--preset', 'smoke', '--out', folder, '--id', 'run'],
      ...settings.flatMap((setting) => ['--set', setting]),
    ]);
    expect(code).toBe(0);
  });

  it('probes every turn, compares, and writes a report and a picture', async () => {
    const { code, output } = await runCommand(criteria());
    expect(output).toMatch(/turns of 2 games \(valid_unseen\), each continued 16 times/);
    for (const name of NAMES) expect(output).toMatch(new RegExp(`│ ${name} +│`));
    expect(output).toMatch(/noise ceiling/);
    expect(code).toBe(0);
    const report = reportOf();
    expect(report).toMatchObject({ tasks: 2, probes: 2, settings: { continuations: 16, seed: 0 } });
    expect(report.criteria.map(({ criterion }) => criterion)).toEqual(NAMES);
    expect(report.turns.length).toBeGreaterThan(2);
    for (const { continuations, lost } of report.turns)
      expect([continuations.length, lost]).toEqual([16, 0]);
    const rate = (name: string): number | null | undefined =>
      report.criteria.find(({ criterion }) => criterion === name)?.triggerRate.value;
    expect(rate('always')).toBe(1);
    expect(rate('never')).toBe(0);
    // Of n turns, the floor of 15 % lies above the calibrated threshold, when no two are equal.
    expect(rate('mean-entropy')).toBe(Math.floor(0.15 * report.turns.length) / report.turns.length);
    const picture = readFileSync(join(out, 'criteria.svg'), 'utf8');
    expect(picture).toMatch(/^<svg /);
    for (const name of NAMES) expect(picture).toContain(`>${name}<`);
  });

  it('goes on with what is there: an interrupted probe ends the same, and so does the report', async () => {
    const [before, probes] = [reportOf(), probesOf()];
    const interrupted = join(out, 'probes', Object.keys(probes)[1]!);
    truncateSync(interrupted, Math.floor(statSync(interrupted).size / 2));
    const { code, stdout } = await runCommand(criteria('--json'));
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual(before);
    expect(probesOf()).toEqual(probes);
  });

  it('refuses what it does not know, and too few continuations', async () => {
    const unknown = await runCommand(criteria('--criteria', 'explore-tag,hunch'));
    expect(unknown.output).toMatch(/criteria\.1: choose among: explore-tag, .*\(found/);
    expect(unknown.code).toBe(1);
    const few = await runCommand(criteria('--continuations', '8'));
    expect(few.output).toMatch(/continuations: give at least 16/);
    expect(few.code).toBe(1);
  });
});
