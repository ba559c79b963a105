import { observationText, taskId, withEnvironment, type Task } from '@spark-rl/core';
import fc from 'fast-check';

import { configureFrom, presetNamed } from '../src/config/presets.js';
import { levelsOf } from '../src/worlds/levels.js';
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

const shop = configureFrom(presetNamed('smoke', 'webshop'), ['environment.splits=original']);

describe('a world', () => {
  it('of the shop gives goals to learn from that are not those it is measured on', async () => {
    const world = await openWorld(shop);
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

  it('never learns from kinds that are held out, and names its levels', async () => {
    const heldOut = ['pick_cool_then_place_in_recep', 'pick_two_obj_and_place'];
    const world = await openWorld(
      configureFrom(presetNamed('smoke'), [`environment.heldOut=${JSON.stringify(heldOut)}`]),
    );
    expect(world.splits.unseen).toBe('L1');
    expect(world.splits.names).toEqual(expect.arrayContaining(['L-train', 'L0', 'L1', 'L2']));
    const kindsOf = async (tasks: Promise<readonly Task[]>): Promise<readonly string[]> =>
      [...new Set((await tasks).map(({ kind }) => kind!))].sort();
    const others = [
      'look_at_obj_in_light',
      'pick_and_place_simple',
      'pick_clean_then_place_in_recep',
      'pick_heat_then_place_in_recep',
    ];
    for (const step of [0, 1, 2])
      expect(await kindsOf(world.trainingTasks(1, step, 40))).toEqual(others);
    expect(await kindsOf(world.tasks('L0', 0, 40))).toEqual(others);
    expect(await kindsOf(world.tasks('L1', 0, 40))).toEqual(others);
    expect(await kindsOf(world.tasks('L2', 0, 40))).toEqual(heldOut);
    const [l0] = await world.tasks('L0', 0, 1);
    expect(l0!.data).toMatchObject({ split: 'valid_seen' });
    const [l2] = await world.tasks('L2', 0, 1);
    expect(l2!.data).toMatchObject({ split: 'valid_unseen' });
  });

  it('that holds nothing out learns from what it learned from before, and has no L2', async () => {
    const world = await openWorld(presetNamed('smoke'));
    expect(world.splits.unseen).toBe('valid_unseen');
    const [task] = await world.trainingTasks(1, 1, 1);
    expect(task).toMatchObject({ split: 'train', data: { split: 'train' } });
    expect(levelsOf(world.splits)).toMatchObject({
      measured: ['L0', 'L1'],
      notMeasured: [{ split: 'L2' }],
    });
    expect(() => splitOf(world, 'L2')).toThrow(/no kind of task was held out/);
    expect(() => splitOf(world, 'valid_unsen')).toThrow(/Did you mean valid_unseen\?/);
  });

  it('of the shop has no levels, and says so', async () => {
    const world = await openWorld(shop);
    expect(() => levelsOf(world.splits)).toThrow(/no levels.*--split: /s);
    await world.close?.();
  });

  it('names its splits when another is asked for', async () => {
    const world = await openWorld(shop);
    expect(splitOf(world, undefined)).toBe('test');
    expect(splitOf(world, 'eval')).toBe('eval');
    expect(() => splitOf(world, 'valid_unseen')).toThrow(
      /no split valid_unseen.*Known here: test, eval, train/s,
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
        configureFrom(presetNamed('smoke'), [
          `agent.grammar=${grammar}`,
          // Not every grammar has the tag that the preset forks at.
          'rollout.criterion=fixed-probability',
        ]),
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
  it('holds whole topics out, by number, and tells the topic of a task', async () => {
    const config = configureFrom(presetNamed('smoke', 'scienceworld'), [
      'environment.heldOut=["7", "chemistry-mix"]',
    ]);
    const world = await openWorld(config);
    const heldOut = (task: Task): boolean =>
      task.kind === 'chemistry-mix' || task.kind!.startsWith('lifespan');
    expect((await world.trainingTasks(1, 1, 60)).some(heldOut)).toBe(false);
    expect((await world.trainingTasks(1, 0, 60)).some(heldOut)).toBe(false);
    expect((await world.tasks('L1', 0, 400)).some(heldOut)).toBe(false);
    const unseen = await world.tasks('L2', 0, 400);
    expect(unseen.length).toBeGreaterThan(0);
    expect(unseen.every(heldOut)).toBe(true);
    expect(world.topicOf!('chemistry-mix')).toBe('6 chemistry');
    await world.close?.();
    const wrong = configureFrom(presetNamed('smoke', 'scienceworld'), [
      'environment.heldOut=["chemistry-mixx"]',
    ]);
    await expect(openWorld(wrong)).rejects.toThrow(/environment\.heldOut.*chemistry-mixx/);
  });

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
