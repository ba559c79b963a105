import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { runCommand } from './command.js';

jest.setTimeout(240_000);

const folder = mkdtempSync(join(tmpdir(), 'spark-rl-export-'));
const run = join(folder, 'run');
const out = (name: string): string => join(folder, name);

beforeAll(async () => {
  const { code, output } = await runCommand([
    ...['train', '--preset', 'smoke', '--out', folder, '--id', 'run'],
    ...['--set', 'warmup.tokens=60000', '--set', 'reinforcement.maxSteps=2'],
    ...['--set', 'evaluation.episodes=2'],
  ]);
  expect([code, code === 0 ? '' : output]).toEqual([0, '']);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const exported = async (format: string, ...more: string[]): Promise<string> => {
  const file = out(`${format}.out`);
  const { code, output } = await runCommand([
    ...['export', run, '--format', format, '--out', file],
    ...more,
  ]);
  expect([code, code === 0 ? '' : output]).toEqual([0, '']);
  expect(output).toContain(`rows of`);
  return file;
};
const rowsIn = (file: string): Record<string, unknown>[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

const steps = (): string[] => readdirSync(join(run, 'trees')).sort();
/** Turns of a step, counted in the files themselves. */
const turnsOf = (step: string): number =>
  readdirSync(join(run, 'trees', step))
    .map((file) => readFileSync(join(run, 'trees', step, file), 'utf8'))
    .reduce((sum, text) => sum + (text.match(/^\{"type":"turn"/gm)?.length ?? 0), 0);

describe('spark-rl export', () => {
  it('writes every turn of the run once, with tokens, log-probabilities and advantages', async () => {
    const rows = rowsIn(await exported('jsonl'));
    expect(rows).toHaveLength(steps().reduce((sum, step) => sum + turnsOf(step), 0));
    for (const row of rows) {
      const ids = row['completion_ids'] as number[];
      expect(row['sampling_logps']).toHaveLength(ids.length);
      expect(row['completion_mask']).toEqual(ids.map(() => 1));
    }
    expect(rows.some(({ advantage }) => typeof advantage === 'number')).toBe(true);
    const second = rowsIn(await exported('jsonl', '--steps', '2'));
    expect(second).toHaveLength(turnsOf(steps()[1]!));
    expect(second).toEqual(rows.slice(-second.length));
  });

  it('writes the forms of TRL', async () => {
    const chat = rowsIn(await exported('trl'));
    for (const { prompt, completion } of chat) {
      expect((prompt as { role: string }[]).at(-1)!.role).toBe('user');
      expect(completion).toMatchObject([{ role: 'assistant', content: expect.any(String) }]);
    }
    const text = rowsIn(await exported('trl', '--prompts', 'text'));
    expect(text).toHaveLength(chat.length);
    for (const { prompt, completion } of text)
      expect([typeof prompt, typeof completion]).toEqual(['string', 'string']);
    for (const { chosen, rejected } of rowsIn(await exported('trl-preference')))
      expect(chosen).not.toEqual(rejected);
    for (const { messages } of rowsIn(await exported('trl-messages')))
      expect((messages as unknown[]).length % 2).toBe(0);
  });

  it('writes Parquet', async () => {
    const bytes = readFileSync(await exported('verl'));
    expect(bytes.subarray(0, 4).toString()).toBe('PAR1');
    expect(bytes.subarray(-4).toString()).toBe('PAR1');
    expect(bytes.length).toBeGreaterThan(1000);
  });

  it('says what is wrong', async () => {
    const bad = async (...args: string[]): Promise<string> => {
      const { code, output } = await runCommand(['export', ...args]);
      expect(code).toBe(1);
      return output;
    };
    expect(await bad(run, '--format', 'csv', '--out', out('x'))).toMatch(
      /format: there is no such format; choose one of: trl, /,
    );
    expect(await bad(run, '--format', 'trl', '--out', out('x'), '--steps', 'all')).toMatch(
      /steps: give a step or a range/,
    );
    expect(await bad(folder, '--format', 'trl', '--out', out('x'))).toMatch(/not a run folder/);
    expect(await bad(run, '--format', 'trl', '--out', out('no/such/folder/x'))).toMatch(
      /cannot write .*Give a file in a folder that exists/,
    );
  });

  it('leaves out the group of a tree that was cut off, and says so', async () => {
    const step = steps()[0]!;
    const [file] = readdirSync(join(run, 'trees', step)).sort();
    const path = join(run, 'trees', step, file!);
    truncateSync(path, readFileSync(path).length - 5);
    const { code, output } = await runCommand([
      ...['export', run, '--format', 'jsonl', '--out', out('cut.jsonl')],
    ]);
    expect(code).toBe(0);
    expect(output).toMatch(/1 unfinished trees and their groups are left out/);
  });
});
