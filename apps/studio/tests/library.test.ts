import { appendFile, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { isPlainName } from '../src/server/run-folders.js';
import { writeTree } from './browser-fixture.js';
import {
  beginRun,
  finishedRun,
  metricsRow,
  recordTree,
  SMALL,
  SMALL_FILE,
  SMALL_NAME,
  temporaryRuns,
} from './fixture.js';

let runs: Awaited<ReturnType<typeof temporaryRuns>>;
beforeEach(async () => (runs = await temporaryRuns()));
afterEach(() => runs.remove());

const PLACE = { run: 'one', set: 'step-0001', file: SMALL_FILE };

describe('a finished run', () => {
  beforeEach(() => finishedRun(runs.root, 'one'));

  it('is listed with its curve and its results', async () => {
    const { runs: cards } = await runs.library.runs();
    expect(cards).toEqual([
      expect.objectContaining({
        id: 'one',
        state: 'finished',
        seed: 1,
        environment: 'corridor',
        method: 'spark',
        steps: 2,
        success: [0.25, 0.5],
        evaluated: { warmup: 0.25, final: 0.5 },
        problems: [],
      }),
    ]);
  });

  it('tells its sets, settings and evaluations', async () => {
    const view = await runs.library.run('one');
    expect(view.sets).toEqual([
      { name: 'step-0001', step: 1, trees: 1 },
      { name: 'step-0002', step: 2, trees: 1 },
    ]);
    expect(view.config).toContainEqual(['rollout.leaves', '8']);
    expect(view.evaluations.map(({ checkpoint }) => checkpoint)).toEqual(['warmup', 'final']);
  });

  it('tells a tree turn by turn, with the budget as it filled', async () => {
    const view = await runs.library.tree(PLACE);
    // Four roots, four turns after which all fork, then eight paths of two turns.
    expect(view.turns).toHaveLength(4 + 4 + 8 + 8);
    expect(view.budget.map(({ opened, forks }) => [opened, forks])).toEqual([
      [4, 0],
      [8, 4],
      [8, 0],
      [8, 0],
    ]);
    expect(view.limit).toBe(8);
    const first = view.turns[0]!;
    expect(first.below).toEqual({ success: 1, failure: 1, truncated: 0, failed: 0 });
    // The first two turns of a path are shared by two leaves each.
    expect(view.chainTokens / view.tokens).toBeCloseTo((8 * 4) / 24, 10);
  });

  it('credits turns as the estimator of the run does', async () => {
    const view = await runs.library.tree(PLACE);
    // Of eight leaves four succeed: (1 - 0.5) / sqrt(8 / 7 * 0.25), and the opposite.
    const z = 0.5 / (Math.sqrt((8 / 7) * 0.25) + 1e-6);
    const leaf = view.turns.find(({ id }) => id === '0.0.0.0')!;
    expect(leaf.advantage).toBeCloseTo(z, 6);
    expect(view.turns[0]!.advantage).toBeCloseTo(0, 6);
    const detail = await runs.library.turn(PLACE, '0');
    expect(detail.copies.map(({ outcome, weight }) => [outcome, weight])).toEqual([
      ['success', 0.5],
      ['failure', 0.5],
    ]);
    expect(detail.copies[0]!.advantage).toBeCloseTo(z, 6);
    expect(view.advantages.estimator).toBe('leaf-statistics');
  });

  it('shows the tokens of a response with their log-probabilities, and the prompt as text', async () => {
    const detail = await runs.library.turn(PLACE, '0.0');
    expect(detail.tokens.map(({ text }) => text).join('')).toContain('open door 1');
    expect(detail.tokens[1]!.logProb).toBe(-2);
    expect(detail.prompt).toMatch(/^\nYou see a door\.[^]*open door 0[^]*You see a door\.\n?$/);
  });

  it('tells no text when the tokens are of another tokenizer', async () => {
    const path = join(runs.root, 'one/trees/step-0001', SMALL_FILE);
    const changed = (await readFile(path, 'utf8')).replace('"text":"<think>', '"text":"<other>');
    await writeFile(path, changed);
    const detail = await runs.library.turn(PLACE, '0');
    expect(detail.prompt).toBeNull();
    expect(detail.tokens.every(({ text }) => text === null)).toBe(true);
  });

  it('finds the same task in other runs and steps', async () => {
    await finishedRun(runs.root, 'two');
    const run = await beginRun(runs.root, 'three');
    await recordTree(run, 'warmup', '007-door/1', SMALL);
    // By its name a second tree of the task; it is one of another.
    await recordTree(run, 'warmup', '008-door/1-1', { ...SMALL, task: 'door/1-1' });
    await run.close();
    const outcomes = { success: 4, failure: 4, truncated: 0, failed: 0 };
    expect(await runs.library.sameTask(PLACE)).toEqual({
      trees: [
        { run: 'three', set: 'warmup', file: '007-door_1.jsonl', outcomes },
        { run: 'two', set: 'step-0001', file: SMALL_FILE, outcomes },
      ],
      missing: [],
    });
  });

  it('finds what its checkpoints did with the task, and says how those that did not can', async () => {
    for (const checkpoint of ['warmup', 'final', 'step-10', 'step-5', 'step-5.writing'])
      await mkdir(join(runs.root, 'one/checkpoints', checkpoint), { recursive: true });
    const set = 'rollouts/warmup-0';
    await writeTree(runs.root, { run: 'one', set, file: '000-door_1-0.jsonl' }, SMALL);
    const { trees, missing } = await runs.library.sameTask(PLACE);
    expect(trees.map((tree) => `${tree.set} ${tree.file}`)).toEqual([`${set} 000-door_1-0.jsonl`]);
    expect(missing.map(({ checkpoint }) => checkpoint)).toEqual(['step-5', 'step-10', 'final']);
    expect(missing[2]!.command).toBe(
      `spark-rl rollout ${runs.root}/one --checkpoint final --tasks-of ${runs.root}/one/trees/step-0001/${SMALL_FILE}`,
    );
    const { sets } = await runs.library.run('one');
    expect(sets.map(({ name, step }) => [name, step])).toContainEqual([set, null]);
    const view = await runs.library.tree({ run: 'one', set, file: '000-door_1-0.jsonl' });
    expect(view.turns).toHaveLength(24);
    expect(view.advantages.note).toContain('not trained on');
  });
});

describe('a run that trains', () => {
  it('is told as such while its lock is held, and grows', async () => {
    const run = await beginRun(runs.root, 'one');
    expect((await runs.library.runs()).runs[0]!.state).toBe('training');
    await run.recordMetrics(metricsRow(1, 0.2));
    const first = await runs.library.metrics('one', 0);
    expect(first.points.map(({ step }) => step)).toEqual([1]);
    await run.recordMetrics(metricsRow(2, 0.3));
    const second = await runs.library.metrics('one', first.offset);
    expect(second.points).toEqual([expect.objectContaining({ step: 2 })]);
    expect((await runs.library.metrics('one', second.offset)).points).toEqual([]);
    await run.close();
    expect((await runs.library.runs()).runs[0]!.state).toBe('stopped');
  });

  it('waits for the rest of a line that is being written', async () => {
    await (await beginRun(runs.root, 'one')).close();
    const path = join(runs.root, 'one/metrics.jsonl');
    const line = JSON.stringify(metricsRow(1, 0.2));
    await writeFile(path, line.slice(0, 20));
    const torn = await runs.library.metrics('one', 0);
    expect(torn).toEqual({ points: [], offset: 0, restarted: false, problems: [] });
    await writeFile(path, `${line}\n`);
    expect((await runs.library.metrics('one', torn.offset)).points).toHaveLength(1);
  });

  it('begins anew when the file is shorter than what was read', async () => {
    await finishedRun(runs.root, 'one');
    const { offset } = await runs.library.metrics('one', 0);
    await writeFile(join(runs.root, 'one/metrics.jsonl'), `${JSON.stringify(metricsRow(9, 1))}\n`);
    const chunk = await runs.library.metrics('one', offset);
    expect(chunk).toMatchObject({ restarted: true, points: [{ step: 9 }] });
  });

  it('shows a tree that is still growing, without advantages', async () => {
    const run = await beginRun(runs.root, 'one');
    await recordTree(run, 'step-0001', SMALL_NAME, SMALL);
    const path = join(runs.root, 'one/trees/step-0001', SMALL_FILE);
    const lines = (await readFile(path, 'utf8')).split('\n');
    await writeFile(path, lines.slice(0, 6).join('\n') + '\n{"type":"tu');
    const view = await runs.library.tree(PLACE);
    expect(view).toMatchObject({ finished: false, limit: 8, problems: [] });
    expect(view.turns).toHaveLength(5);
    expect(view.turns[0]!.advantage).toBeNull();
    expect(view.advantages.note).toContain('unfinished');
    await run.close();
  });
});

describe('a damaged run', () => {
  beforeEach(() => finishedRun(runs.root, 'one'));
  const treePath = (): string => join(runs.root, 'one/trees/step-0001', SMALL_FILE);

  it('names a line of the journal that was cut, and shows the rest', async () => {
    const lines = (await readFile(treePath(), 'utf8')).split('\n');
    const leaf = lines.findIndex((line) => line.includes('"type":"leaf"'));
    lines[leaf] = lines[leaf]!.slice(0, 30);
    await writeFile(treePath(), lines.join('\n'));
    const view = await runs.library.tree(PLACE);
    expect(view.problems).toEqual([{ place: `${SMALL_FILE}:${leaf + 1}`, reason: 'is not JSON' }]);
    expect(view.turns).toHaveLength(24);
    expect(view.leaves).toHaveLength(7);
    expect(view.advantages.note).toContain('damaged');
  });

  it('says so of a file of binary garbage, in the list and when it is opened', async () => {
    await writeFile(
      treePath(),
      Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 37) % 256)),
    );
    const [card] = await runs.library.trees('one', 'step-0001');
    expect(card!.problems[0]!.reason).toMatch(/not JSON/);
    await expect(runs.library.tree(PLACE)).rejects.toThrow(/cannot be shown.*not JSON/);
  });

  it('names few of very many damaged lines', async () => {
    await appendFile(treePath(), 'garbage\n'.repeat(500));
    const { problems } = await runs.library.tree(PLACE);
    expect(problems).toHaveLength(21);
    expect(problems.at(-1)!.reason).toBe('and 480 more damaged lines');
  });

  it('lists a run whose manifest is missing or no JSON', async () => {
    await writeFile(join(runs.root, 'one/manifest.json'), '{ "format": ');
    expect((await runs.library.runs()).runs[0]).toMatchObject({
      state: 'damaged',
      problems: [{ place: 'manifest.json', reason: 'it is not JSON' }],
    });
    await rm(join(runs.root, 'one/manifest.json'));
    expect((await runs.library.run('one')).problems).toEqual([
      { place: 'manifest.json', reason: 'the file is missing' },
    ]);
    const view = await runs.library.tree(PLACE);
    expect(view.turns).toHaveLength(24);
    expect(view.advantages.note).toContain('configuration of the run could not be read');
  });

  it('names damaged lines of the measurements, and of an evaluation', async () => {
    await appendFile(join(runs.root, 'one/metrics.jsonl'), '\u0000\u0001\n{"phase":3}\n');
    await writeFile(join(runs.root, 'one/evaluation-final.json'), 'no');
    const { problems, success } = await runs.library.run('one');
    expect(success).toEqual([0.25, 0.5]);
    expect(problems.map(({ place }) => place)).toEqual([
      'metrics.jsonl:3',
      'metrics.jsonl:4',
      'evaluation-final.json',
    ]);
  });

  it('shows a run that has nothing but trees', async () => {
    await rm(join(runs.root, 'one/metrics.jsonl'));
    await rm(join(runs.root, 'one/summary.json'));
    await rm(join(runs.root, 'one/manifest.json'));
    expect((await runs.library.runs()).runs[0]).toMatchObject({ id: 'one', state: 'damaged' });
    expect((await runs.library.metrics('one', 0)).points).toEqual([]);
  });
});

describe('places outside the folder of runs', () => {
  beforeEach(() => finishedRun(runs.root, 'one'));

  it('refuses them as runs and as files', async () => {
    const runNames = [
      '..',
      '../..',
      'one/../..',
      'one/trees/../../..',
      '/etc',
      'one/\u0000',
      'C:\\',
      '%2e%2e',
      '',
    ];
    for (const run of runNames) {
      await expect(runs.library.run(run)).rejects.toThrow('there is no');
      await expect(runs.library.tree({ ...PLACE, run })).rejects.toThrow('there is no');
    }
    for (const set of ['..', 'rollouts/..', 'rollouts/../..', 'rollouts//', 'a/b'])
      await expect(runs.library.trees('one', set)).rejects.toThrow('there is no');
    for (const file of ['../manifest.json', '..', '/etc/passwd', 'absent.jsonl'])
      await expect(runs.library.tree({ ...PLACE, file })).rejects.toThrow('there is no');
  });

  it('refuses a link that leads out', async () => {
    await symlink('/etc', join(runs.root, 'one/trees/step-0009'));
    const place = { run: 'one', set: 'step-0009', file: 'hostname' };
    await expect(runs.library.tree(place)).rejects.toThrow('there is no');
  });

  it('knows plain names', () => {
    expect(['a', 'a.b', '..a', 'ä +1'].every(isPlainName)).toBe(true);
    expect(['', '.', '..', 'a/b', 'a\\b', 'a\u0000'].some(isPlainName)).toBe(false);
  });
});
