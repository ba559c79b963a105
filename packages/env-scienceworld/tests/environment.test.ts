import { taskId, type Task } from '@spark-rl/core';
import { environmentChecks } from '@spark-rl/core/testing';

import {
  episodeCounts,
  isTaskReset,
  scienceworldEnvironment,
  type ScienceworldOptions,
  type ScienceworldState,
} from '../src/index.js';
import { toySimulator, type Toy } from './toy-simulator.js';

const made: Toy[] = [];
beforeEach(() => void made.splice(0));

const world = (options: Partial<ScienceworldOptions> = {}) =>
  scienceworldEnvironment({
    launch: ({ callOrder }) => {
      const toy = toySimulator(callOrder);
      made.push(toy);
      return toy;
    },
    ...options,
  });

/** The first task of a world. */
const firstOf = (environment: ReturnType<typeof world>): Task => {
  const tasks = environment.tasks({ split: 'train', count: 1 });
  return (tasks as readonly Task[])[0]!;
};

/** Plays actions from the start, and gives every transition. */
async function play(environment: ReturnType<typeof world>, ...actions: readonly string[]) {
  const start = await environment.reset(firstOf(environment));
  const seen = [{ ...start, counts: episodeCounts(start.state) }];
  let state: ScienceworldState = start.state;
  for (const action of actions) {
    const next = await environment.step(state, action);
    seen.push({ ...start, ...next, counts: episodeCounts(next.state) });
    state = next.state;
  }
  return seen;
}

describe('scienceworldEnvironment', () => {
  it('succeeds at exactly 100 and then refuses to step', async () => {
    const environment = world();
    const seen = await play(environment, 'go north', 'go north', 'focus on lamp');
    expect(seen.map(({ score, status }) => [score, status])).toEqual([
      [0, 'running'],
      // 12.5 is halved to the even number, as in Python.
      [12, 'running'],
      [25, 'running'],
      [100, 'success'],
    ]);
    expect(seen[0]!.instruction).toBe('Your task is to boil.');
    await expect(environment.step(seen.at(-1)!.state, 'wait')).rejects.toThrow('has ended');
  });

  it('fails below 0, and when the task is completed without 100', async () => {
    const spoilt = (await play(world(), 'go north', 'focus on air')).at(-1)!;
    expect([spoilt.score, spoilt.status]).toEqual([-100, 'failure']);
    const over = (await play(world(), 'go north', 'give up')).at(-1)!;
    expect([over.score, over.status]).toEqual([12, 'failure']);
  });

  it('counts actions and ticks, and cuts off at either limit', async () => {
    const actions = Array.from({ length: 30 }, (_, i) => (i === 3 ? 'wait' : 'look around'));
    const seen = await play(world(), ...actions);
    expect(seen.slice(-2).map(({ status }) => status)).toEqual(['running', 'truncated']);
    expect(seen.at(-1)!.counts).toEqual({ actions: 30, ticks: 11, score: 0, status: 'truncated' });
    const waits = Array.from({ length: 10 }, () => 'wait');
    const official = await play(world({ preset: 'official' }), ...waits);
    // 99 ticks are not more than 100, 110 are.
    expect(official.slice(-2).map(({ counts }) => [counts.ticks, counts.status])).toEqual([
      [99, 'running'],
      [110, 'truncated'],
    ]);
    const free = await play(world({ maxActions: null }), ...actions, 'wait');
    expect(free.at(-1)!.status).toBe('running');
  });

  it.each(['reset task', ' RESET  the\ttask ', 'reset task an'])(
    'refuses %j without sending it, as an action that changes nothing',
    async (action) => {
      const seen = await play(world(), 'go north', action, 'go north');
      expect(seen[2]!.observation).toBe('The task cannot be reset.');
      expect(seen[2]!.counts).toEqual({ actions: 2, ticks: 1, score: 12, status: 'running' });
      expect(seen[3]!.observation).toBe('You move to room 2.');
      expect(made[0]!.steps).toEqual(['go north', 'go north']);
    },
  );

  it('sends what only looks like a reset', () => {
    expect(['reset', 'task', 'reset tasks', 'reset task now', ''].filter(isTaskReset)).toEqual([]);
  });

  it('shows ambiguous requests as they are and takes numbers, also when it forks there', async () => {
    const environment = world({ capacity: 2 });
    const [, asked] = await play(environment, 'open door');
    expect(asked!.observation).toMatch(/^Ambiguous request: .*\n0:\topen red door\n1:\topen blue/);
    expect(asked!.counts).toMatchObject({ actions: 1, ticks: 0 });
    const one = await environment.step(asked!.state, '1');
    const two = await environment.step(asked!.state, '');
    expect([one.observation, two.observation]).toEqual([
      'The blue door is open.',
      'Nothing was opened.',
    ]);
    expect(environment.stats().replayedActions).toBe(1);
  });

  it('asks for valid actions after every step in the official order only', async () => {
    const lean = await play(world(), 'wait', 'draw');
    expect(lean.at(-1)!.observation).toBe('Bee 0 hums.');
    expect(made[0]!.lists()).toBe(0);
    const official = await play(world({ callOrder: 'official' }), 'wait', 'draw');
    expect(official.at(-1)!.observation).toBe('Bee 2 hums.');
  });

  it('tells valid actions once each, without the reset, and asks for none more', async () => {
    const environment = world({ validActions: 'always' });
    const [start, , asked] = await play(environment, 'wait', 'open door');
    const list = ['go north', 'wait', 'look around', 'focus on lamp'];
    expect(await environment.admissible!(start!.state)).toEqual(list);
    expect(await environment.admissible!(asked!.state)).toEqual(['0', '1']);
    expect(made[0]!.lists()).toBe(3);
    expect(world().admissible).toBeUndefined();
  });

  it('refuses simulators and tasks of another call order or version', async () => {
    const wrong = world({ launch: () => toySimulator('official') });
    await expect(wrong.reset(firstOf(wrong))).rejects.toThrow(
      /call order official, not lean\. Launch simulators with the call order that launch is told/,
    );
    const official = world({ callOrder: 'official' });
    await expect(world().reset(firstOf(official))).rejects.toThrow('is of the call order official');
    const old = world({ version: '1.2.3' });
    await expect(old.reset(firstOf(old))).rejects.toThrow(
      /is of version 1\.2\.3, the simulator is toy\. Texts differ/,
    );
    expect(() => world({ validActions: 'always', callOrder: 'lean' })).toThrow('lean cannot tell');
  });

  it('puts observations together from the pieces that are asked for', async () => {
    const pieces = ['task', 'text', 'look', 'inventory'] as const;
    for (const callOrder of ['lean', 'official'] as const) {
      const [start, next] = await play(world({ observation: pieces, callOrder }), 'go north');
      expect(start!.observation).toBe(
        'Your task is to boil.\nThis room is called room 0.\nIn your inventory, you see:\n\tan orange',
      );
      expect(next!.observation).toBe(
        'Your task is to boil.\nYou move to room 1.\nThis room is called room 1.\nIn your inventory, you see:\n\tan orange',
      );
    }
  });

  it('forks by replay in another simulator, and compares all that it knows', async () => {
    const environment = world({ capacity: 2 });
    const [, , there] = await play(environment, 'go north', 'wait');
    const [left, right] = await Promise.all(
      ['go north', 'look around'].map(async (action) => environment.step(there!.state, action)),
    );
    expect([left!.observation, right!.observation]).toEqual([
      'You move to room 2.',
      'This room is called room 1.',
    ]);
    expect(environment.stats()).toMatchObject({ launched: 2, replayedActions: 2 });
    // The same words with another count of ticks are another world.
    let launched = 0;
    const drifting = world({
      capacity: 2,
      launch: () => {
        const toy = toySimulator();
        if (launched++ === 0) return toy;
        return { ...toy, step: async (action) => ({ ...(await toy.step(action)), moves: 99 }) };
      },
    });
    const [, moved] = await play(drifting, 'go north');
    const ended = await Promise.allSettled(
      [1, 2].map(async () => drifting.step(moved!.state, 'wait')),
    );
    expect(ended.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(String(ended.find((each) => each.status === 'rejected')?.reason)).toMatch(
      /ReplayMismatchError.*turn 0: action "go north"/,
    );
  });

  it('says what is wrong with its options', () => {
    expect(() => world({ simplifications: 'easy,openDoors' })).toThrow("'easy' stands alone");
    expect(() => world({ simplifications: 'fast' })).toThrow('there is no simplification "fast"');
    expect(() => world({ tasks: ['cook'] })).toThrow(
      /no task "cook".*name of a task, such as boil/,
    );
    expect(() => world({ maxActions: 0 })).toThrow('maxActions');
    expect(() => world({ surprise: 1 } as object)).toThrow('surprise');
  });

  it('refuses data of a task that are not its own', async () => {
    const task: Task = {
      id: taskId('x'),
      environment: 'scienceworld',
      split: 'train',
      data: { task: 'boil', variation: -1, simplifications: '', callOrder: 'lean' },
    };
    await expect(world().reset(task)).rejects.toThrow(/data of task x: variation/);
  });
});

describe.each(['never', 'always'] as const)(
  'the environment contract, valid actions %s',
  (told) => {
    for (const { name, run } of environmentChecks({
      make: () => world({ validActions: told, capacity: 2 }),
      query: { split: 'train', count: 3, seed: 1 },
      actions: () => ['go north', 'wait', 'open door', '1', 'focus on air'],
    })) {
      it(name, run);
    }
  },
);
