import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { readMetrics } from '@spark-rl/run-store';

import { configureFrom, presetNamed } from '../src/config/presets.js';
import { runCommand } from './command.js';

jest.setTimeout(240_000);

const folder = mkdtempSync(join(tmpdir(), 'spark-rl-measure-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('measurements on the way', () => {
  it('keep the best checkpoint, and end a run that no longer gets better', async () => {
    // A model that has hardly seen a game wins none, so the first measurement stays the best.
    const { code, output } = await runCommand([
      ...['train', '--preset', 'smoke', '--out', folder, '--id', 'run'],
      ...['--warmup.tokens', '2000', '--evaluation.episodes', '2'],
      ...['--evaluation.every', '1', '--evaluation.duringEpisodes', '3'],
      ...['--reinforcement.maxSteps', '9', '--reinforcement.patience=2'],
      ...['--reinforcement.checkpointEvery', '100', '--reinforcement.keep', '1'],
    ]);
    expect([code, output]).toEqual([0, expect.any(String)]);
    expect(output).toMatch(
      /3 steps, .*ended early: 2 measurements were no better than that of step 1/,
    );
    const measured = (await readMetrics(join(folder, 'run'))).filter(
      ({ phase }) => phase === 'evaluate',
    );
    expect(measured.map(({ step }) => step)).toEqual([1, 2, 3]);
    expect(measured[0]).toMatchObject({ 'eval/success': 0, 'eval/score': 0 });
    const progressOf = (name: string): unknown =>
      JSON.parse(readFileSync(join(folder, 'run', 'checkpoints', name, 'progress.json'), 'utf8'));
    expect(progressOf('best')).toMatchObject({ steps: 1, best: { step: 1, since: 0 } });
    expect(progressOf('final')).toMatchObject({ steps: 3, best: { step: 1, score: 0, since: 2 } });
    expect(progressOf('step-2')).toMatchObject({ steps: 2 });
    expect(() => progressOf('step-1')).toThrow(/ENOENT/);
  });

  it('are needed by patience', () => {
    expect(() => configureFrom(presetNamed('smoke'), ['reinforcement.patience=2'])).toThrow(
      /evaluation\.every: reinforcement\.patience counts measurements/,
    );
  });
});
