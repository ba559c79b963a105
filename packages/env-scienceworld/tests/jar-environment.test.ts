import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';

import type { Task } from '@spark-rl/core';
import { environmentChecks } from '@spark-rl/core/testing';

import {
  episodeCounts,
  jarSimulator,
  readEpisodes,
  recordGold,
  scienceworldEnvironment,
  verifyEpisode,
  type RecordedEpisode,
  type ScienceworldOptions,
  type ScienceworldState,
} from '../src/index.js';
import { prepareLaunch } from '../src/bridge/jar-simulator-options.js';
import { doubleOptions } from './double/double.js';
import { ownRecording, withJar } from './shared-data.js';

jest.setTimeout(240_000);

const world = (options: Partial<ScienceworldOptions> = {}) =>
  scienceworldEnvironment({
    launch: ({ callOrder, signal }) =>
      jarSimulator({ callOrder }, signal === undefined ? {} : { signal }),
    capacity: 2,
    ...options,
  });

describe('the environment contract over the double of the gateway', () => {
  for (const { name, run } of environmentChecks({
    make: () =>
      world({ launch: ({ callOrder }) => jarSimulator(doubleOptions({}, { callOrder })) }),
    query: { split: 'train', count: 1 },
    actions: () => ['look around', 'wait1', 'activate stove', 'open door to kitchen'],
    solve: () => ['focus on air'],
    maxSteps: 5,
  })) {
    it(name, run);
  }
});

it('runs in a folder of its own where the jar has none, for the simulator leaves a file there', async () => {
  const { jar } = doubleOptions({});
  const launch = await prepareLaunch({ jar: jar!, java: './bin/java' });
  expect(existsSync(launch.cwd)).toBe(true);
  expect(launch.cwd.startsWith(tmpdir())).toBe(true);
  expect(launch.command[0]).toBe(resolve('bin/java'));
  expect((await prepareLaunch({ jar: jar!, java: 'java' })).command[0]).toBe('java');
});

withJar('the real simulator (skipped without SCIENCEWORLD_JAR)', () => {
  let episodes: readonly RecordedEpisode[];
  beforeAll(async () => void (episodes = await readEpisodes(ownRecording)));
  const goldOf = (id: string): RecordedEpisode =>
    episodes.find(({ kind, taskId }) => kind === 'gold' && taskId === id)!;

  describe('keeps the environment contract', () => {
    for (const { name, run } of environmentChecks({
      make: () => world(),
      query: { split: 'train', count: 1, kinds: ['4-2'] },
      actions: () => ['open door to kitchen', 'go to kitchen', 'look around', 'wait1', 'inventory'],
      solve: () => goldOf('4-2').steps.map(({ action }) => action),
      maxSteps: 4,
    })) {
      it(name, run);
    }
  });

  it('plays a gold path to success, and a fork of it elsewhere', async () => {
    const environment = world();
    try {
      const [task] = environment.tasks({
        split: 'train',
        count: 1,
        kinds: ['4-3'],
      }) as readonly Task[];
      const { steps } = goldOf('4-3');
      let { state, status } = await environment.reset(task!);
      const states: ScienceworldState[] = [state];
      for (const { action } of steps) {
        ({ state, status } = await environment.step(state, action));
        states.push(state);
      }
      expect([status, episodeCounts(state)]).toEqual([
        'success',
        { actions: steps.length, ticks: steps.at(-1)!.moves, score: 100, status: 'success' },
      ]);
      const fork = await environment.step(states[3]!, 'focus on air');
      expect([fork.status, fork.score]).toEqual(['failure', -100]);
      expect(environment.stats().replayedActions).toBeGreaterThan(0);
      const refused = await environment.step(states[3]!, 'Reset the task');
      expect(refused.observation).toBe('The task cannot be reset.');
    } finally {
      await environment.close();
    }
  });

  it('asks and takes a number where a request is ambiguous', async () => {
    const environment = world();
    try {
      const [task] = environment.tasks({
        split: 'train',
        count: 1,
        kinds: ['4-3'],
      }) as readonly Task[];
      let { state, observation } = await environment.reset(task!);
      for (const action of ['open door to greenhouse', 'go to greenhouse', 'focus on flower pot']) {
        ({ state, observation } = await environment.step(state, action));
      }
      expect(observation).toMatch(/^Ambiguous request: .*\n0:\t/);
      const chosen = await environment.step(state, '0');
      expect(chosen.observation).not.toMatch(/^Ambiguous/);
      const cancelled = await environment.step(state, '');
      expect(cancelled.observation).toMatch(/^Unknown action/);
    } finally {
      await environment.close();
    }
  });

  it('gives what the own recording holds, and records it again to the letter', async () => {
    const simulator = await jarSimulator({ callOrder: 'lean' });
    try {
      if (simulator.version !== '1.3.0') return;
      for (const id of ['3-1', '4-2', '7-1']) {
        expect((await verifyEpisode(simulator, goldOf(id))).first).toBeUndefined();
        const { task, variation, simplification: simplifications } = goldOf(id);
        const again = await recordGold(simulator, { task, variation, simplifications });
        expect(again).toEqual(goldOf(id));
      }
    } finally {
      await simulator.close();
    }
  });
});
