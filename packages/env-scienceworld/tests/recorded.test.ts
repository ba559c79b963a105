import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';

import type { Task } from '@spark-rl/core';
import { environmentChecks } from '@spark-rl/core/testing';

import {
  formatEpisodes,
  NO_RECORDING,
  officialScore,
  parseEpisodes,
  readEpisodes,
  recordedScienceworld,
  recordedSimulators,
  recordEpisode,
  recordGold,
  verifyEpisode,
  writeEpisodes,
  type RecordedEpisode,
  type RecordedScienceworldOptions,
} from '../src/index.js';
import { validShaOf } from '../src/recorded/valid-sha.js';
import { ownRecording, sharedData, withSharedData } from './shared-data.js';
import { toySimulator } from './toy-simulator.js';

const boil = { task: 'boil', variation: 0, simplifications: 'easy' };

/** An episode of the toy simulator by given actions. */
const toyEpisode = (...actions: readonly string[]): Promise<RecordedEpisode> =>
  recordEpisode(toySimulator(), {
    kind: 'actions',
    task: boil,
    choose: ({ turn }) => actions[turn],
    valid: 'hash',
  });

const worldOf = (
  episodes: readonly RecordedEpisode[],
  options: Partial<RecordedScienceworldOptions> = {},
) => recordedScienceworld({ episodes, ...options });

const firstOf = (world: ReturnType<typeof worldOf>, split = 'all'): Task =>
  (world.tasks({ split }) as readonly Task[])[0]!;

describe('files of recorded episodes', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'episodes-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('come back as they were written, packed and plain', async () => {
    const episodes = [await toyEpisode('go north', 'wait'), await toyEpisode('look around')];
    for (const name of ['a.jsonl', 'a.jsonl.gz']) {
      const path = join(folder, name);
      await writeEpisodes(path, episodes);
      expect(await readEpisodes(path)).toEqual(episodes);
    }
    expect(readFileSync(join(folder, 'a.jsonl.gz'))[0]).toBe(0x1f);
  });

  it('say which line and which field is wrong', async () => {
    const good = formatEpisodes([await toyEpisode('wait')]);
    const read = (text: string) => parseEpisodes(Buffer.from(text), 'x');
    expect(() => read(`${good}{`)).toThrow('x, line 2: is no JSON');
    expect(() => read(good.replace('"moves":11', '"moves":"11"'))).toThrow(
      /x, line 1: steps\.0\.moves: .*Record the episode again/,
    );
    expect(() => read('\n')).toThrow('x: has no episode');
    expect(() => parseEpisodes(gzipSync(good).subarray(0, 30), 'x')).toThrow('cannot be unpacked');
    await expect(readEpisodes(join(folder, 'none'))).rejects.toThrow('none: cannot be read');
    writeFileSync(join(folder, 'bytes'), Buffer.from([0xff, 0xfe, 0]));
    await expect(readEpisodes(join(folder, 'bytes'))).rejects.toThrow('cannot be unpacked');
  });
});

describe('recording and verifying', () => {
  it('records the gold path to its end, with rewards', async () => {
    const episode = await recordGold(toySimulator(), boil);
    expect(episode).toMatchObject({ kind: 'gold', taskId: '1-1', finalScore: 100, version: 'toy' });
    expect(episode.steps.map(({ action, reward }) => [action, reward])).toEqual([
      ['go north', 12],
      ['go north', 13],
      ['focus on lamp', 75],
    ]);
  });

  it('finds nothing in its own recordings, and what was changed', async () => {
    const episode = await toyEpisode('go north', 'draw', 'open door', '1', 'wait');
    expect(await verifyEpisode(toySimulator(), episode)).toEqual({
      moments: 6,
      exact: 6,
      lists: 6,
    });
    const changed = (at: number, change: object): RecordedEpisode => ({
      ...episode,
      steps: episode.steps.map((step, i) => (i === at ? { ...step, ...change } : step)),
    });
    for (const [field, value] of Object.entries({
      obs: 'x',
      rawScore: 0.5,
      score: 1,
      reward: 3,
      done: true,
      moves: 7,
      look: 'x',
      inv: 'x',
      validCount: 3,
      validSha: '0000000000000000',
    })) {
      const report = await verifyEpisode(toySimulator(), changed(1, { [field]: value }));
      expect(report).toMatchObject({ exact: 5, first: { step: 2, action: 'draw', field } });
      expect(report.first!.expected).toBe(value);
    }
    const other = await verifyEpisode(toySimulator(), { ...episode, taskDescription: 'x' });
    expect(other).toMatchObject({ exact: 5, first: { step: 0, field: 'taskDescription' } });
  });

  it('asks for valid actions only where the recording did, so that bees fly as they flew', async () => {
    const lean = await recordEpisode(toySimulator(), {
      kind: 'actions',
      task: boil,
      choose: ({ turn }) => ['wait', 'draw'][turn],
    });
    expect(lean.steps[1]!.obs).toBe('Bee 0 hums.');
    expect((await toyEpisode('wait', 'draw')).steps[1]!.obs).toBe('Bee 2 hums.');
    for (const episode of [lean, await toyEpisode('wait', 'draw')]) {
      expect((await verifyEpisode(toySimulator(), episode)).first).toBeUndefined();
    }
  });
});

describe('recordedScienceworld', () => {
  it('follows the recordings and forks where they part', async () => {
    const episodes = [
      await toyEpisode('go north', 'wait', 'go north'),
      await toyEpisode('go north', 'go north', 'focus on lamp'),
    ];
    const world = worldOf(episodes);
    const start = await world.reset(firstOf(world));
    expect(await world.admissible!(start.state)).toEqual(['go north']);
    const one = await world.step(start.state, 'go north');
    expect(await world.admissible!(one.state)).toEqual(['go north', 'wait']);
    const waited = await world.step(one.state, 'wait');
    const moved = await world.step(one.state, 'go north');
    expect([waited.observation, moved.observation]).toEqual(['You wait.', 'You move to room 2.']);
    const won = await world.step(moved.state, 'focus on lamp');
    expect([won.score, won.status]).toEqual([100, 'success']);
    // The first recording ends before the task does.
    const last = await world.step(waited.state, 'go north');
    expect(last.status).toBe('truncated');
  });

  it('has an error or an answer without effect for what nobody recorded', async () => {
    const episodes = [await toyEpisode('go north', 'wait')];
    const strict = worldOf(episodes);
    const start = await strict.reset(firstOf(strict));
    await expect(strict.step(start.state, 'fly')).rejects.toThrow(
      /action "fly" was not recorded here \(recorded: "go north"\)\. Record it/,
    );
    const lenient = worldOf(episodes, { unrecorded: 'no-effect' });
    const begun = await lenient.reset(firstOf(lenient));
    const flown = await lenient.step(begun.state, 'fly');
    expect([flown.observation, flown.status]).toEqual([NO_RECORDING, 'running']);
    expect((await lenient.step(flown.state, 'go north')).observation).toBe('You move to room 1.');
  });

  it('lists the recorded tasks in their splits, and no others', async () => {
    const world = worldOf([await toyEpisode('wait')]);
    expect((world.tasks({ split: 'train' }) as readonly Task[]).length).toBe(1);
    expect((world.tasks({ split: 'test' }) as readonly Task[]).length).toBe(0);
    const simulator = recordedSimulators([await toyEpisode('wait')])();
    expect(await simulator.variations('boil', 'train')).toEqual([0]);
    expect(await simulator.variations('boil', 'dev')).toEqual([]);
    expect(await simulator.taskNames()).toEqual(['boil']);
    await expect(simulator.load({ ...boil, variation: 3 })).rejects.toThrow(
      'boil, variation 3, simplifications "easy" was not recorded',
    );
  });

  it('refuses recordings that contradict each other, and simplifications nobody recorded', async () => {
    const [a, b] = [await toyEpisode('wait', 'draw'), await toyEpisode('wait', 'draw')];
    const changed = {
      ...b,
      steps: b.steps.map((step, i) => (i === 1 ? { ...step, obs: 'Bee 9 hums.' } : step)),
    };
    expect(() => worldOf([a, changed])).toThrow(
      /two recordings of boil, variation 0, differ in obs after 2 equal actions: "Bee 2 hums\." and "Bee 9 hums\."/,
    );
    expect(() => worldOf([a], { simplifications: '' })).toThrow('Choose among "easy"');
    expect(() => worldOf([])).toThrow('at least one recorded episode');
  });
});

describe('the environment contract on recorded worlds', () => {
  for (const { name, run } of environmentChecks({
    make: async () =>
      worldOf(await readEpisodes(ownRecording), { unrecorded: 'no-effect', maxActions: 60 }),
    query: { split: 'all', count: 4, seed: 2, kinds: ['3-1', '4', '7'] },
    maxSteps: 60,
  })) {
    it(name, run);
  }
});

withSharedData('the recordings of the original (skipped without shared/data)', () => {
  const read = (name: string) => readEpisodes(join(sharedData, `${name}.jsonl.gz`));

  it('have the official scores, rewards and hashes that are computed here', async () => {
    let moments = 0;
    for (const name of ['gold', 'gold-official', 'random']) {
      for (const { reset, steps } of await read(name)) {
        expect(validShaOf(reset.validActions!)).toBe(reset.validSha);
        let last = 0;
        for (const { rawScore, score, reward } of [reset, ...steps]) {
          expect([officialScore(rawScore), score - last]).toEqual([score, reward]);
          last = score;
          moments++;
        }
      }
    }
    expect(moments).toBe(2667 + 282 + 1080 + 124);
  });

  it('play as worlds: every gold episode to 100, and forks where random ones part', async () => {
    const gold = await read('gold');
    const world = worldOf(gold, { maxActions: null });
    const tasks = world.tasks({ split: 'all' }) as readonly Task[];
    expect(tasks.length).toBe(60);
    for (const task of tasks) {
      const episode = gold.find(({ taskId, variation }) => `${taskId}-v${variation}` === task.id)!;
      let { state, status, score } = await world.reset(task);
      for (const { action } of episode.steps) {
        if (status !== 'running') break;
        ({ state, status, score } = await world.step(state, action));
      }
      expect([task.id, score, status]).toEqual([task.id, 100, 'success']);
    }
  });
});

it('the own recording is small and of one version', async () => {
  const bytes = readFileSync(ownRecording);
  expect(bytes.length).toBeLessThan(60_000);
  expect(gunzipSync(bytes).length).toBeGreaterThan(bytes.length);
  const episodes = await readEpisodes(ownRecording);
  expect(new Set(episodes.map(({ version }) => version))).toEqual(new Set(['1.3.0']));
  const gold = episodes.filter(({ kind }) => kind === 'gold');
  expect(gold.every(({ finalScore, steps }) => finalScore === 100 && steps.length <= 30)).toBe(
    true,
  );
});
