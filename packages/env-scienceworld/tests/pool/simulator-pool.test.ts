import { setTimeout as wait } from 'node:timers/promises';

import { AbortedError } from '@spark-rl/core';

import { scienceworldEnvironment } from '../../src/environment/scienceworld-environment.js';
import { capacityFromMemory } from '../../src/pool/capacity.js';
import {
  openSimulators,
  type SimulatorPool,
  type SimulatorPoolOptions,
} from '../../src/pool/simulator-pool.js';
import { startGate } from '../../src/pool/start-gate.js';
import { doubleOptions, type Faults } from '../double/double.js';
import { runningChildren } from '../double/processes.js';

const GB = 1024 ** 3;
const BOIL = { task: 'boil', variation: 0, simplifications: '' };

const pools: SimulatorPool[] = [];
const open = async (
  options: SimulatorPoolOptions = {},
  faults: Faults = {},
): Promise<SimulatorPool> => {
  const pool = await openSimulators({ ...doubleOptions(faults), ...options });
  pools.push(pool);
  return pool;
};
afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close()));
  expect(runningChildren()).toEqual([]);
});

describe('the capacity of a pool', () => {
  it('is what three quarters of the free memory hold, from 1 to 64', () => {
    // 0.75 * 16 GiB / (512 + 192) MiB = 17.45
    expect(capacityFromMemory(16 * GB, 512)).toBe(17);
    expect(capacityFromMemory(16 * GB, 1024)).toBe(10);
    expect(capacityFromMemory(0.1 * GB, 512)).toBe(1);
    expect(capacityFromMemory(1000 * GB, 512)).toBe(64);
  });

  it('is measured when none is given', async () => {
    const { capacity } = await open({ spares: 0 });
    expect(capacity).toBeGreaterThanOrEqual(1);
    expect(capacity).toBeLessThanOrEqual(64);
    expect((await open({ spares: 0, capacity: 3 })).capacity).toBe(3);
  });
});

describe('a gate', () => {
  it('lets so many through at once, in order, and a stopped one leaves the queue', async () => {
    const gate = startGate(2);
    let inside = 0;
    let most = 0;
    const order: number[] = [];
    const enter = (n: number, signal?: AbortSignal): Promise<void> =>
      gate(signal, async () => {
        most = Math.max(most, ++inside);
        order.push(n);
        await wait(5);
        inside--;
        if (n === 1) throw new Error('failed inside');
      });
    const stop = new AbortController();
    const all = [0, 1, 2, 3].map((n) => enter(n));
    const stopped = enter(4, stop.signal);
    stop.abort();
    await expect(stopped).rejects.toThrow(AbortedError);
    await Promise.allSettled([...all, enter(5)]);
    expect(order).toEqual([0, 1, 2, 3, 5]);
    expect(most).toBe(2);
  });
});

describe('a pool', () => {
  it('keeps a warm simulator beyond those in use, within its capacity', async () => {
    const pool = await open({ capacity: 2, spares: 1 });
    expect(pool.counts()).toEqual({ started: 1, used: 0, spare: 1 });
    const first = await pool.launch();
    expect(pool.counts()).toMatchObject({ used: 1, spare: 1 });
    const second = await pool.launch();
    expect(pool.counts()).toEqual({ started: 2, used: 2, spare: 0 });
    expect(await first.load(BOIL)).toEqual(await second.load(BOIL));
    await first.close();
    expect(pool.counts()).toMatchObject({ used: 1 });
  });

  it('gives what the environment asks for, also another order of calls', async () => {
    const pool = await open({ capacity: 3 });
    const official = await pool.launch({ callOrder: 'official' });
    expect((await official.load(BOIL)).validActions).toBeDefined();
    expect((await pool.launch()).callOrder).toBe('lean');
  });

  it('loads a task in one simulator while others are stepped', async () => {
    const at = { 'load grow-fruit': 'hang' };
    const pool = await open({ capacity: 2, spares: 0 }, { at });
    const [loading, stepped] = [await pool.launch(), await pool.launch()];
    await stepped.load(BOIL);
    const stop = new AbortController();
    const load = loading.load({ ...BOIL, task: 'grow-fruit' }, { signal: stop.signal });
    for (let i = 1; i <= 5; i++) expect((await stepped.step('wait1')).moves).toBe(2 * i);
    stop.abort();
    await expect(load).rejects.toThrow(AbortedError);
  });

  it('tells the first one who asks what is wrong with the start, and tries again for the next', async () => {
    const pool = await open({}, { exitAtStart: 1 });
    await expect(pool.launch()).rejects.toThrow(/ended with code 1/);
    await expect(pool.launch()).rejects.toThrow(/ended with code 1/);
  });

  it('starts no more at once than it may', async () => {
    const pool = await open({ spares: 0, capacity: 4, startsAtOnce: 1 }, { portAfterMs: 100 });
    const launches = [1, 2, 3].map(() => pool.launch());
    await wait(50);
    expect(pool.counts().started).toBe(1);
    await Promise.all(launches);
    expect(pool.counts()).toMatchObject({ started: 3, used: 3 });
  });

  it('stops a launch that is stopped, and lends nothing that nobody closes', async () => {
    const pool = await open({ spares: 1, capacity: 2 }, { portAfterMs: 60_000 });
    const stop = new AbortController();
    const launch = pool.launch({ signal: stop.signal });
    setTimeout(() => stop.abort(), 50);
    await expect(launch).rejects.toThrow(AbortedError);
    expect(pool.counts().used).toBe(0);
    await expect(pool.launch({ signal: AbortSignal.abort() })).rejects.toThrow(AbortedError);
  });

  it('closes what is used, what is warm and what is on its way', async () => {
    const pool = await open({ capacity: 4, spares: 1 });
    const used = await pool.launch();
    const step = used.load(BOIL);
    const coming = pool.launch();
    const closed = pool.close();
    await Promise.allSettled([step, coming, closed]);
    await closed;
    expect(runningChildren()).toEqual([]);
    await expect(pool.launch()).rejects.toThrow('closed');
    await expect(used.load(BOIL)).rejects.toThrow('closed');
  });
});

describe('an environment over a pool', () => {
  const environmentOf = (pool: SimulatorPool): ReturnType<typeof scienceworldEnvironment> =>
    scienceworldEnvironment({
      launch: pool.launch,
      capacity: pool.capacity,
      simplifications: '',
      tasks: ['boil'],
    });

  it('forks by replay, verified, in no more simulators than its capacity', async () => {
    const pool = await open({ capacity: 2 });
    const environment = environmentOf(pool);
    expect(environment.maxLiveStates).toBe(2);
    const [task] = environment.tasks({ split: 'train', count: 1 }) as never[];
    const start = await environment.reset(task!);
    const fork = await environment.step(start.state, 'open door to kitchen');
    const children = await Promise.all(
      ['go to kitchen', 'wait', 'look around', 'zork'].map(async (action) =>
        environment.step(fork.state, action),
      ),
    );
    expect(children.map(({ observation }) => observation)).toEqual([
      'You move to the kitchen.',
      'You decide to wait for 10 iterations.',
      expect.stringContaining('This room is called the hallway'),
      'No known action matches that input.',
    ]);
    // The first child steps where the fork stands; each other one replays the way there.
    expect(environment.stats()).toMatchObject({ live: 2 });
    expect(environment.stats().replayedActions).toBeGreaterThanOrEqual(2);
    expect(pool.counts().used).toBe(2);
    await environment.close();
    expect(pool.counts().used).toBe(0);
  });

  it('loses only what was under way when a simulator dies', async () => {
    const pool = await open({ capacity: 1, spares: 0 });
    const environment = environmentOf(pool);
    const [task] = environment.tasks({ split: 'train', count: 1 }) as never[];
    const { state } = await environment.reset(task!);
    const [pid] = runningChildren();
    process.kill(pid!, 'SIGKILL');
    await expect(environment.step(state, 'wait1')).rejects.toThrow(/SIGKILL|given up/);
    // The state is a value: another simulator replays it.
    const next = await environment.step(state, 'wait1');
    expect(next.observation).toBe('You decide to wait for 1 iterations.');
    await environment.close();
  });
});
