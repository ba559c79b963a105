import {
  AbortedError,
  EnvironmentError,
  InvalidInputError,
  hashText,
  taskId,
  type Task,
} from '../src/index.js';
import {
  ReplayMismatchError,
  hashObservation,
  replayedEnvironment,
  type LiveWorld,
  type ReplayedEnvironment,
} from '../src/replay/index.js';
import { corridor, environmentChecks } from '../src/testing/index.js';
import { gate, ticks, worldsOf, type Call, type Worlds } from './replay-worlds.js';

const world = corridor({ length: 9, maxSteps: 12 });
const task = (start: number, id = `from ${start}`): Task => ({
  id: taskId(id),
  environment: 'corridor',
  split: 'train',
  data: { start, goal: 9 },
});

const over = (worlds: Worlds, capacity: number): ReplayedEnvironment =>
  replayedEnvironment({ id: 'corridor', tasks: world.tasks, launch: worlds.launch, capacity });

describe('a replayed environment keeps the contract of an environment', () => {
  for (const capacity of [1, 3]) {
    describe(`capacity ${capacity}`, () => {
      const make = (): ReplayedEnvironment => over(worldsOf(world), capacity);
      const query = { split: 'train', count: 2, seed: 1 };
      for (const check of environmentChecks({ make, query, maxSteps: 12 }))
        it(check.name, check.run);
    });
  }
});

describe('an instance that stands at the state', () => {
  it('is stepped as it is, and a sibling is replayed in another', async () => {
    const worlds = worldsOf(world);
    const environment = over(worlds, 2);
    const start = await environment.reset(task(4));
    const one = await environment.step(start.state, 'right');
    const two = await environment.step(one.state, 'right');
    expect(two).toMatchObject({ observation: 'You stand at 6.', score: 0, status: 'running' });
    expect(worlds.log).toEqual(['1:reset from 4', '1:step right', '1:step right']);
    expect(environment.stats()).toMatchObject({ launched: 1, resets: 1, replayedActions: 0 });

    const other = await environment.step(one.state, 'left');
    expect(other.observation).toBe('You stand at 4.');
    expect(worlds.log.slice(3)).toEqual(['2:reset from 4', '2:step right', '2:step left']);
    expect(environment.stats()).toEqual({
      launched: 2,
      live: 2,
      resets: 2,
      replayedActions: 1,
      waits: 0,
    });
    await environment.close();
  });

  it('two siblings at once: the first takes it, the second is replayed elsewhere', async () => {
    const worlds = worldsOf(world);
    const environment = over(worlds, 2);
    const { state } = await environment.reset(task(4));
    const [left, right] = await Promise.all([
      environment.step(state, 'left'),
      environment.step(state, 'right'),
    ]);
    expect([left.observation, right.observation]).toEqual(['You stand at 3.', 'You stand at 5.']);
    expect([...worlds.log].sort()).toEqual(
      ['1:reset from 4', '1:step left', '2:reset from 4', '2:step right'].sort(),
    );
    await environment.close();
  });

  it('and at capacity 1 the second waits for the first', async () => {
    const worlds = worldsOf(world);
    const environment = over(worlds, 1);
    const { state } = await environment.reset(task(4));
    const found = await Promise.all(
      ['left', 'right', 'wait'].map((a) => environment.step(state, a)),
    );
    expect(found.map(({ observation }) => observation)).toEqual(
      [3, 5, 4].map((n) => `You stand at ${n}.`),
    );
    expect(environment.stats()).toMatchObject({ launched: 1, resets: 3, waits: 2 });
    await environment.close();
  });

  it('serves an equal state that another call made, and a copy of the task that went through JSON', async () => {
    const worlds = worldsOf(world);
    const environment = over(worlds, 1);
    const first = await environment.reset(task(4));
    const again = await environment.reset(JSON.parse(JSON.stringify(task(4))) as Task);
    expect(again.state).not.toBe(first.state);
    expect(again.state.id).toBe(first.state.id);
    await environment.step(first.state, 'left');
    expect(environment.stats()).toMatchObject({ resets: 2, replayedActions: 0 });
    await environment.close();
  });

  it('states hold hashes, not observations, and share their past', async () => {
    const environment = over(worldsOf(world), 1);
    const start = await environment.reset(task(4));
    const { state } = await environment.step(start.state, 'left');
    expect(state.answer).toEqual({
      observationHash: hashText('You stand at 3.'),
      score: 0,
      status: 'running',
    });
    expect(state.past).toEqual({ state: start.state, action: 'left' });
    expect(state.past?.state).toBe(start.state);
    expect(hashObservation([{ type: 'text', text: 'a' }])).toBe(
      hashText('[{"text":"a","type":"text"}]'),
    );
    await environment.close();
  });
});

describe('which instance is sacrificed', () => {
  it('launches another rather than leave a state that may still be stepped', async () => {
    const worlds = worldsOf(world);
    const environment = over(worlds, 2);
    await environment.reset(task(3));
    await environment.reset(task(4));
    expect(worlds.launched).toBe(2);
    await environment.close();
  });

  it('takes one whose state was released, or whose episode ended, before it launches', async () => {
    const worlds = worldsOf(world);
    const environment = over(worlds, 2);
    const { state } = await environment.reset(task(3));
    environment.release(state);
    const { state: near } = await environment.reset(task(8));
    expect(worlds.launched).toBe(1);
    expect((await environment.step(near, 'right')).status).toBe('success');
    await environment.reset(task(4));
    expect(worlds.launched).toBe(1);
    await environment.close();
  });

  it('takes the least recently used of those that nobody gave up, but a released one first', async () => {
    const worlds = worldsOf(world);
    const environment = over(worlds, 3);
    const held = [];
    for (const start of [2, 3, 4]) held.push(await environment.reset(task(start)));
    await environment.step(held[0]!.state, 'wait');
    worlds.log.length = 0;
    await environment.reset(task(5));
    expect(worlds.log).toEqual(['2:reset from 5']);
    environment.release(held[2]!.state);
    await environment.step(held[1]!.state, 'wait');
    expect(worlds.log.slice(1)).toEqual(['3:reset from 3', '3:step wait']);
    await environment.close();
  });

  it('launches once for a waiting call, which takes what comes free before the launch is done', async () => {
    const held = gate();
    let slow = false;
    const worlds = worldsOf(world, (call) => (slow && call === 'launch' ? held.opened : undefined));
    const environment = over(worlds, 3);
    const { state } = await environment.reset(task(4));
    slow = true;
    let served = false;
    const waiting = environment.reset(task(5)).then(() => (served = true));
    const one = await environment.step(state, 'right');
    const two = await environment.step(one.state, 'right');
    await ticks(20);
    // The idle world stands at a state that may still be stepped: the call waits for its own launch, and for one only.
    expect([served, environment.stats().live]).toEqual([false, 2]);
    environment.release(two.state);
    await waiting;
    expect(worlds.log.at(-1)).toBe('1:reset from 5');
    held.open();
    await environment.close();
    expect(worlds).toMatchObject({ launched: 2, live: 0 });
  });

  it('prefers one on the way, which needs no reset', async () => {
    const worlds = worldsOf(world);
    const environment = over(worlds, 2);
    const { state } = await environment.reset(task(4));
    const one = await environment.step(state, 'right');
    const two = await environment.step(one.state, 'right');
    // World 2 comes to stand at `one`, and was used after world 1, which stands at `two`.
    await environment.admissible?.(one.state);
    const three = await environment.step(two.state, 'right');
    await environment.admissible?.(one.state);
    worlds.log.length = 0;
    // Nobody stands at `two` now: world 2, at `one`, is one action away from it, though world 1 was idle for longer.
    expect((await environment.step(two.state, 'left')).observation).toBe('You stand at 5.');
    expect(worlds.log).toEqual(['2:step right', '2:step left']);
    expect(three.observation).toBe('You stand at 7.');
    await environment.close();
  });
});

describe('a world that answers differently than before', () => {
  const drifting = (): LiveWorld & { drift: number } => {
    let at = 0;
    const show = () => ({
      observation: `place ${at + self.drift}`,
      score: 0,
      status: 'running' as const,
    });
    const self = {
      drift: 0,
      reset: () => {
        at = 0;
        return { ...show(), instruction: 'walk' };
      },
      step: () => {
        at++;
        return show();
      },
      close: () => undefined,
    };
    return self;
  };
  const one = task(1, 'drifter');

  it('is a mismatch that names the task, the turn, the action and both answers', async () => {
    const live = drifting();
    let launched = 0;
    const environment = replayedEnvironment({
      id: 'drifting',
      tasks: () => [one],
      launch: () => (launched++, live),
      capacity: 1,
      admissible: false,
    });
    const start = await environment.reset(one);
    const first = await environment.step(start.state, 'a');
    const second = await environment.step(first.state, 'b');
    await environment.step(second.state, 'c');
    live.drift = 0;
    const step = live.step;
    (live as { step: LiveWorld['step'] }).step = (action, options) => {
      live.drift = action === 'b' ? 5 : 0;
      return step(action, options);
    };
    const error: unknown = await environment.step(second.state, 'c').catch((e: unknown) => e);
    expect(error).toBeInstanceOf(ReplayMismatchError);
    expect(error).toMatchObject({
      code: 'replay-mismatch',
      task: 'drifter',
      turn: 1,
      action: 'b',
      expected: { observationHash: hashText('place 2'), score: 0, status: 'running' },
      actual: { observationHash: hashText('place 7'), score: 0, status: 'running' },
    });
    const { message } = error as Error;
    for (const part of ['drifter', 'turn 1', '"b"', hashText('place 2'), hashText('place 7')])
      expect(message).toContain(part);
    // The instance is not trusted any more.
    expect(launched).toBe(1);
    await environment.reset(one);
    expect(launched).toBe(2);
    await environment.close();
  });

  it('also at the reset, and in score or status alone', async () => {
    let score = 0;
    const environment = replayedEnvironment({
      id: 'scores',
      tasks: () => [one],
      launch: () => ({
        reset: () => ({ observation: 'same', score, status: 'running', instruction: '' }),
        step: () => ({ observation: 'same', score: 0, status: 'running' }),
        close: () => undefined,
      }),
      capacity: 1,
      admissible: false,
    });
    const { state } = await environment.reset(one);
    await environment.step(state, 'a');
    score = 1;
    await expect(environment.step(state, 'b')).rejects.toMatchObject({
      code: 'replay-mismatch',
      turn: 0,
      action: null,
      expected: { score: 0 },
      actual: { score: 1 },
    });
    await environment.close();
  });
});

describe('capacity and waiting', () => {
  it('never has more worlds than the capacity, and serves waiting calls in order', async () => {
    const held = gate();
    let slow = false;
    const worlds = worldsOf(world, (call) => (slow && call === 'reset' ? held.opened : undefined));
    const environment = over(worlds, 2);
    slow = true;
    const order: number[] = [];
    const calls = [1, 2, 3, 4, 5, 6].map((n) =>
      environment.reset(task(n)).then(() => order.push(n)),
    );
    await ticks(20);
    expect(worlds.live).toBe(2);
    expect(environment.stats()).toMatchObject({ live: 2, waits: 4 });
    held.open();
    await Promise.all(calls);
    expect(order).toEqual([1, 2, 3, 4, 5, 6]);
    expect(worlds.peak).toBe(2);
    await environment.close();
  });

  it('counts a world that is still being closed, and launches the next only then', async () => {
    const held = gate();
    let broken = true;
    const worlds = worldsOf(world, (call) => {
      if (call === 'reset' && broken) throw new Error('no power');
      return call === 'close' && broken ? held.opened : undefined;
    });
    const environment = over(worlds, 1);
    await expect(environment.reset(task(3))).rejects.toThrow(
      'the start of task from 3: the world failed: no power',
    );
    const next = environment.reset(task(3));
    await ticks(20);
    expect(worlds.launched).toBe(1);
    broken = false;
    held.open();
    await next;
    expect(worlds).toMatchObject({ launched: 2, peak: 1, live: 1 });
    await environment.close();
  });

  it('a launch that fails is the error of the call that waited longest, and the next tries again', async () => {
    let failures = 2;
    const worlds = worldsOf(world, (call) => {
      if (call === 'launch' && failures-- > 0) throw new Error('no memory');
    });
    const environment = over(worlds, 1);
    const found = await Promise.allSettled([3, 4, 5].map((n) => environment.reset(task(n))));
    expect(found.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
    expect((found[0] as PromiseRejectedResult).reason).toBeInstanceOf(EnvironmentError);
    expect(String((found[0] as PromiseRejectedResult).reason)).toContain(
      'launching a world: the world failed: no memory',
    );
    await environment.close();
    expect(worlds.live).toBe(0);
  });
});

describe('a signal', () => {
  const stopping = (): { controller: AbortController; signal: AbortSignal } => {
    const controller = new AbortController();
    return { controller, signal: controller.signal };
  };

  it('that is aborted already starts nothing', async () => {
    const worlds = worldsOf(world);
    const environment = over(worlds, 1);
    await expect(
      environment.reset(task(3), { signal: AbortSignal.abort() }),
    ).rejects.toBeInstanceOf(AbortedError);
    await ticks(10);
    expect(environment.stats().live).toBe(0);
    await environment.close();
  });

  it('removes a waiting call at once', async () => {
    const held = gate();
    let slow = false;
    const worlds = worldsOf(world, (call) => (slow && call === 'step' ? held.opened : undefined));
    const environment = over(worlds, 1);
    const { state } = await environment.reset(task(4));
    slow = true;
    const first = environment.step(state, 'left');
    const { controller, signal } = stopping();
    const second = environment.step(state, 'right', { signal });
    const third = environment.step(state, 'wait');
    controller.abort(new Error('too late'));
    await expect(second).rejects.toMatchObject({ code: 'aborted', cause: new Error('too late') });
    held.open();
    expect((await first).observation).toBe('You stand at 3.');
    expect((await third).observation).toBe('You stand at 4.');
    expect(worlds.log).not.toContain('1:step right');
    await environment.close();
  });

  it('frees a caller from a world that hangs, and closes that world', async () => {
    let hang = true;
    const worlds = worldsOf(world, (call) =>
      hang && call === 'step' ? new Promise<void>(() => undefined) : undefined,
    );
    const environment = over(worlds, 1);
    const { state } = await environment.reset(task(4));
    const { controller, signal } = stopping();
    const call = environment.step(state, 'left', { signal });
    await ticks(10);
    controller.abort();
    await expect(call).rejects.toBeInstanceOf(AbortedError);
    hang = false;
    expect((await environment.step(state, 'left')).observation).toBe('You stand at 3.');
    expect(worlds).toMatchObject({ launched: 2, closed: 1, live: 1, peak: 1 });
    await environment.close();
  });

  it.each([1, 2, 3, 4])('during call %i of a replay is the end of it', async (stopAt) => {
    const held = gate();
    let until = Infinity;
    const worlds = worldsOf(world, (call) =>
      (call === 'reset' || call === 'step') && --until === 0 ? held.opened : undefined,
    );
    const environment = over(worlds, 1);
    const start = await environment.reset(task(3));
    const one = await environment.step(start.state, 'right');
    const two = await environment.step(one.state, 'right');
    await environment.reset(task(5));
    until = stopAt;
    worlds.log.length = 0;
    const { controller, signal } = stopping();
    const call = environment.step(two.state, 'right', { signal });
    await ticks(50);
    controller.abort();
    await expect(call).rejects.toBeInstanceOf(AbortedError);
    held.open();
    await ticks(50);
    const all = ['1:reset from 3', '1:step right', '1:step right', '1:step right'];
    expect(worlds.log).toEqual(all.slice(0, stopAt));
    expect(worlds).toMatchObject({ live: 0, closed: 1, misuse: [] });
    await environment.close();
  });

  it('between the grant and the work leaves the instance as good as it was', async () => {
    const worlds = worldsOf(world);
    const environment = over(worlds, 1);
    const { state } = await environment.reset(task(4));
    const { controller, signal } = stopping();
    const call = environment.step(state, 'left', { signal });
    controller.abort();
    await expect(call).rejects.toBeInstanceOf(AbortedError);
    await environment.step(state, 'right');
    expect(worlds).toMatchObject({ launched: 1, closed: 0 });
    expect(environment.stats()).toMatchObject({ resets: 1 });
    await environment.close();
  });

  it('shared by many calls stops them all, and is listened to once', async () => {
    const worlds = worldsOf(world, (call) =>
      call === 'step' ? new Promise<void>(() => undefined) : undefined,
    );
    const environment = over(worlds, 2);
    const { state } = await environment.reset(task(4));
    const { controller, signal } = stopping();
    const added = jest.spyOn(signal, 'addEventListener');
    const removed = jest.spyOn(signal, 'removeEventListener');
    await environment.reset(task(5), { signal });
    expect([added, removed].map(({ mock }) => mock.calls.length)).toEqual([1, 1]);
    const calls = Array.from({ length: 20 }, () => environment.step(state, 'left', { signal }));
    const settled = Promise.allSettled(calls);
    await ticks(20);
    controller.abort();
    for (const result of await settled)
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'aborted' } });
    expect([added, removed].map(({ mock }) => mock.calls.length)).toEqual([2, 2]);
    await environment.close();
  });

  it('does not waste the launch that it no longer waits for', async () => {
    const held = gate();
    const worlds = worldsOf(world, (call) => (call === 'launch' ? held.opened : undefined));
    const environment = over(worlds, 1);
    const { controller, signal } = stopping();
    const call = environment.reset(task(3), { signal });
    await ticks(5);
    controller.abort();
    await expect(call).rejects.toBeInstanceOf(AbortedError);
    held.open();
    await environment.reset(task(3));
    expect(worlds.launched).toBe(1);
    await environment.close();
  });
});

describe('close', () => {
  it('stops calls in use and waiting, closes every world, and may be called again', async () => {
    const worlds = worldsOf(world, (call) =>
      call === 'step' ? new Promise<void>(() => undefined) : undefined,
    );
    const environment = over(worlds, 2);
    const { state } = await environment.reset(task(4));
    const calls = ['left', 'right', 'wait'].map((action) => environment.step(state, action));
    const settled = Promise.allSettled(calls);
    await ticks(20);
    await Promise.all([environment.close(), environment.close()]);
    for (const result of await settled) {
      expect(result).toMatchObject({
        status: 'rejected',
        reason: { code: 'aborted', message: 'the environment was closed during the call' },
      });
    }
    expect(worlds).toMatchObject({ live: 0, closed: 2 });
    await environment.close();
    for (const call of [
      environment.reset(task(4)),
      environment.step(state, 'left'),
      environment.admissible!(state),
    ])
      await expect(call).rejects.toThrow('the environment is closed. Make a new one');
    environment.release(state);
    expect(environment.stats().live).toBe(0);
  });

  it('waits for launches under way: heeded signals end them, and what comes late is closed', async () => {
    const held = gate();
    const signals: (AbortSignal | undefined)[] = [];
    const worlds = worldsOf(world, (call, signal) => {
      if (call !== 'launch') return;
      signals.push(signal);
      return held.opened;
    });
    const environment = over(worlds, 1);
    const call = environment.reset(task(3)).catch((error: unknown) => error);
    await ticks(5);
    let done = false;
    const closing = environment.close().then(() => (done = true));
    expect(await call).toBeInstanceOf(AbortedError);
    await ticks(20);
    expect([done, signals[0]?.aborted]).toEqual([false, true]);
    held.open();
    await closing;
    expect(worlds).toMatchObject({ launched: 1, closed: 1, live: 0 });
  });

  it('of an environment that was never used is done at once', async () => {
    await over(worldsOf(world), 3).close();
  });

  it('says when a world could not be closed', async () => {
    const worlds = worldsOf(world, (call) => {
      if (call === 'close') throw new Error('will not die');
    });
    const environment = over(worlds, 2);
    await environment.reset(task(3));
    await environment.reset(task(4));
    await expect(environment.close()).rejects.toMatchObject({
      message: expect.stringContaining('2 of 2 worlds could not be closed'),
      cause: new Error('will not die'),
    });
  });
});

describe('borders', () => {
  it('an action that throws costs the instance, and the error says where', async () => {
    const broken = (call: Call): void => {
      if (call === 'step') throw new TypeError('undefined is not a door');
    };
    const worlds = worldsOf(world, broken);
    const environment = over(worlds, 1);
    const { state } = await environment.reset(task(4));
    await expect(environment.step(state, 'left')).rejects.toMatchObject({
      code: 'environment',
      message: 'task from 4, turn 0, action "left": the world failed: undefined is not a door',
    });
    await environment.close();
    expect(worlds).toMatchObject({ launched: 1, closed: 1, live: 0 });
  });

  const answering = (answer: unknown): ReplayedEnvironment =>
    replayedEnvironment({
      id: 'odd',
      tasks: () => [],
      launch: () => ({
        reset: () => answer as never,
        step: () => answer as never,
        close: () => undefined,
      }),
      capacity: 1,
      admissible: false,
    });

  it.each([
    ['score', { observation: '', score: NaN, status: 'running', instruction: '' }],
    ['status', { observation: '', score: 0, status: 'won', instruction: '' }],
    ['observation', { observation: 3, score: 0, status: 'running', instruction: '' }],
    ['instruction', { observation: '', score: 0, status: 'running' }],
  ])('refuses an answer whose %s is wrong', async (field, answer) => {
    const environment = answering(answer);
    const error: unknown = await environment.reset(task(3, 'x')).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(EnvironmentError);
    expect(error).toMatchObject({ field });
    expect((error as Error).message).toContain('the start of task x');
    await environment.close();
  });

  it('refuses a world without admissible actions unless told that there are none', async () => {
    let closed = 0;
    const launch = (): LiveWorld => ({
      reset: () => ({ observation: '', score: 0, status: 'running', instruction: '' }),
      step: () => ({ observation: '', score: 0, status: 'running' }),
      close: () => void closed++,
    });
    const options = { id: 'mute', tasks: () => [], launch, capacity: 1 };
    const environment = replayedEnvironment(options);
    await expect(environment.reset(task(3))).rejects.toMatchObject({ field: 'admissible' });
    await environment.close();
    expect(closed).toBe(1);
    const mute = replayedEnvironment({ ...options, admissible: false });
    expect(mute.admissible).toBeUndefined();
    await mute.reset(task(3));
    await mute.close();
  });

  it('refuses wrong options', () => {
    const options = { id: 'x', tasks: () => [], launch: worldsOf(world).launch };
    expect(() => replayedEnvironment({ ...options, capacity: 0 })).toThrow(InvalidInputError);
    expect(() => replayedEnvironment({ ...options, capacity: 1, launch: 3 as never })).toThrow(
      'launch: expected a function',
    );
  });

  it('an ended state refuses to step without touching a world, and has no admissible actions', async () => {
    const worlds = worldsOf(world);
    const environment = over(worlds, 1);
    const { state } = await environment.reset(task(8));
    const end = await environment.step(state, 'right');
    const calls = worlds.log.length;
    await expect(environment.step(end.state, 'right')).rejects.toThrow(
      'task from 8 ended (success) before turn 1',
    );
    expect(await environment.admissible?.(end.state)).toEqual([]);
    expect(worlds.log).toHaveLength(calls);
    await environment.close();
  });
});
