import { observationText, taskId, withEnvironment, type Task } from '@spark-rl/core';
import fc from 'fast-check';

import { configureFrom, presetNamed } from '../src/config/presets.js';
import { speaking, tagsOf } from '../src/worlds/agent-words.js';
import { splitOf } from '../src/worlds/split-of.js';
import { tasksByEpoch } from '../src/worlds/training-order.js';
import { openWorld } from '../src/worlds/world.js';

const tasksOf = (count: number): readonly Task[] =>
  Array.from({ length: count }, (_, i) => ({
    id: taskId(`task-${i}`),
    environment: 'test',
    split: 'train',
    data: i,
  }));

describe('tasksByEpoch', () => {
  it('goes through every task once an epoch, and any part of the sequence can be asked for alone', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.nat(50),
        fc.nat(50),
        fc.nat(100),
        (size, from, count, seed) => {
          const all = tasksOf(size);
          const whole = tasksByEpoch(all, [seed], 0, 120);
          expect(tasksByEpoch(all, [seed], from, count)).toEqual(whole.slice(from, from + count));
          for (let start = 0; start + size <= whole.length; start += size) {
            const epoch = whole.slice(start, start + size);
            expect(new Set(epoch.map(({ id }) => id)).size).toBe(size);
          }
        },
      ),
    );
  });

  it('orders epochs differently', () => {
    const whole = tasksByEpoch(tasksOf(12), [1], 0, 24).map(({ data }) => data);
    expect(whole.slice(0, 12)).not.toEqual(whole.slice(12));
  });

  it('refuses a split without tasks', () => {
    expect(() => tasksByEpoch([], [1], 0, 1)).toThrow(/no task to learn from/);
  });
});

describe('a world', () => {
  it('of the shop gives goals to learn from that are not those it is measured on', async () => {
    const world = await openWorld(presetNamed('smoke', 'webshop'));
    expect(world.splits).toEqual({ unseen: 'test', names: ['test', 'eval', 'train'] });
    const unseen = await world.tasks('test', 0, 400);
    expect(new Set(unseen.map(({ id }) => id)).size).toBe(400);
    const warm = await world.trainingTasks(1, 0, 6000);
    const steps = await Promise.all([1, 2, 3].map((step) => world.trainingTasks(1, step, 16)));
    expect(warm).toHaveLength(6000);
    expect(new Set(steps.flat().map(({ id }) => id)).size).toBe(48);
    for (const { id } of [...warm, ...steps.flat()])
      expect(unseen.some((task) => task.id === id)).toBe(false);
    // The first observation says nothing of the goal, so the transcript does.
    const { observation, instruction } = await withEnvironment(
      world.environment,
      async (environment) => environment.reset(unseen[0]!),
    );
    const prompt = world.protocol.prompt({
      brief: world.brief,
      instruction,
      past: [],
      observation: observationText(observation),
    });
    expect(observationText(observation)).not.toContain(instruction);
    expect(JSON.stringify(prompt)).toContain(instruction);
    await world.close?.();
  });

  it('of the household makes new games for every step', async () => {
    const world = await openWorld(presetNamed('smoke'));
    const [first, again, second] = await Promise.all(
      [1, 1, 2].map((step) => world.trainingTasks(1, step, 4)),
    );
    expect(again).toEqual(first);
    expect(second!.map(({ data }) => data)).not.toEqual(first!.map(({ data }) => data));
  });

  it('refuses a folder of games that is not there, before anything is trained', async () => {
    const config = configureFrom(presetNamed('smoke'), ['environment.games=/nowhere/at/all']);
    await expect(openWorld(config)).rejects.toThrow(/nowhere\/at\/all.*cannot be read/);
  });

  it('names its splits when another is asked for', async () => {
    const world = await openWorld(presetNamed('smoke', 'webshop'));
    expect(splitOf(world, undefined)).toBe('test');
    expect(splitOf(world, 'eval')).toBe('eval');
    expect(() => splitOf(world, 'valid_unseen')).toThrow(
      /no split valid_unseen.*Choose one of: test, eval, train/s,
    );
  });
});

describe('the words of an agent', () => {
  const turns = ['explore', 'think', 'think', 'explore'] as const;
  const expert = {
    id: 'four-turns',
    begin: () => {
      let at = 0;
      return { act: () => ({ mode: turns[at++]!, reasoning: 'so', action: 'go' }) };
    },
  };
  const modesIn = (grammar: 'spark' | 'react' | 'rlvmr'): readonly string[] => {
    const session = speaking(expert, grammar).begin({ instruction: '', key: [] });
    return ['You see a door.', 'You see a hall.', 'Nothing happens.', 'You see a room.'].map(
      (observation) => session.act(observation).mode,
    );
  };

  it('are those of the grammar, whoever the expert is', () => {
    expect(modesIn('spark')).toEqual(turns);
    expect(modesIn('react')).toEqual(['think', 'think', 'think', 'think']);
    expect(modesIn('rlvmr')).toEqual(['planning', 'monitor', 'reflection', 'explore']);
  });

  it.each(['spark', 'react', 'rlvmr'] as const)(
    '%s: what the expert says is valid, and its tags are single tokens',
    async (grammar) => {
      const world = await openWorld(
        configureFrom(presetNamed('smoke'), [`agent.grammar=${grammar}`]),
      );
      const [task] = await world.tasks('train', 1, 1);
      const start = await withEnvironment(world.environment, async (environment) =>
        environment.reset(task!),
      );
      const turn = world.expert
        .begin({ instruction: start.instruction, key: [1] })
        .act(start.observation);
      const text = world.protocol.render(turn);
      expect(world.protocol.parse(text)).toMatchObject({ valid: true, mode: turn.mode });
      expect(tagsOf(grammar).filter((tag) => text.includes(tag))).toHaveLength(4);
    },
  );
});

describe('a recorded world of science', () => {
  it('has solutions to learn from, and tells the task in the transcript', async () => {
    const world = await openWorld(presetNamed('smoke', 'scienceworld'));
    const warm = await world.trainingTasks(1, 0, 30);
    expect(warm).toHaveLength(30);
    const { status, score } = await withEnvironment(world.environment, async (environment) => {
      const start = await environment.reset(warm[0]!);
      const session = world.expert.begin({ instruction: start.instruction, key: [1] });
      let now: Omit<typeof start, 'instruction'> = start;
      while (now.status === 'running')
        now = await environment.step(now.state, session.act(now.observation).action);
      return now;
    });
    expect({ status, score }).toEqual({ status: 'success', score: 100 });
    expect(await world.tasks('test', 0, 400)).not.toHaveLength(0);
    await world.close?.();
  });
});
