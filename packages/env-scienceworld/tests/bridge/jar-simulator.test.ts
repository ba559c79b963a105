import { setTimeout as wait } from 'node:timers/promises';

import { AbortedError } from '@spark-rl/core';

import {
  GatewayProtocolError,
  SimulatorGoneError,
  SimulatorTimeoutError,
} from '../../src/bridge/errors.js';
import type { JarSimulatorOptions } from '../../src/bridge/jar-simulator-options.js';
import { jarSimulator } from '../../src/bridge/jar-simulator.js';
import type { Simulator } from '../../src/simulator.js';
import { doubleOptions, type Faults } from '../double/double.js';
import { hasEnded, runningChildren } from '../double/processes.js';

const BOIL = { task: 'boil', variation: 0, simplifications: '' };
const opened: Simulator[] = [];
const open = async (faults: Faults = {}, options: JarSimulatorOptions = {}): Promise<Simulator> => {
  const simulator = await jarSimulator(doubleOptions(faults, options));
  opened.push(simulator);
  return simulator;
};
afterEach(async () => {
  await Promise.all(opened.splice(0).map((simulator) => simulator.close()));
  expect(runningChildren()).toEqual([]);
});

describe('a simulator', () => {
  it('plays a task to its end', async () => {
    const simulator = await open();
    expect(simulator.version).toBe('1.3.0');
    const start = await simulator.load({ ...BOIL, goldPath: true });
    expect(start).toMatchObject({
      taskDescription: 'Your task is to do boil number 0.',
      rawScore: 0,
      completed: false,
      moves: 0,
    });
    const steps = [];
    for (const action of start.goldPath) steps.push(await simulator.step(action));
    expect(steps.map(({ completed }) => completed)).toEqual([false, false, false, true]);
    expect(steps.at(-1)).toEqual({
      observation: 'The stove is now activated.',
      rawScore: 1,
      completed: true,
      moves: 4,
    });
  });

  it('does one thing at a time, though it is asked for many', async () => {
    const simulator = await open();
    const results = await Promise.all([
      simulator.load(BOIL),
      simulator.step('wait1'),
      simulator.step('wait'),
      simulator.step('look around'),
    ]);
    expect(results.map(({ moves }) => moves)).toEqual([0, 2, 13, 13]);
  });

  it.each([
    ['getScore', '=!ystext', /getScore gave string, not a number/],
    ['getCompleted', '=!yi1', /getCompleted gave number, not a yes or no/],
    ['step', '=!yn', /step gave object, not a text/],
  ])('ends when %s has another type', async (method, fault, message) => {
    const simulator = await open({ at: { [method]: fault } });
    const load = simulator.load(BOIL);
    await expect(load).rejects.toThrow(GatewayProtocolError);
    await expect(load).rejects.toThrow(message);
    await expect(simulator.step('look around')).rejects.toThrow(SimulatorGoneError);
  });

  it('gives a load more time than other requests, and no request more than its time', async () => {
    const slow = await open({ delayMs: { load: 400 } }, { requestMs: 300, loadMs: 20_000 });
    expect(await slow.load(BOIL)).toMatchObject({ moves: 0 });
    const hanging = await open({ at: { step: 'hang' } }, { requestMs: 300 });
    await expect(hanging.load(BOIL)).rejects.toThrow(SimulatorTimeoutError);
  });

  it('is stopped by a signal, while it works and before', async () => {
    const simulator = await open({ at: { 'step wait': 'hang' } });
    await simulator.load(BOIL);
    await expect(simulator.step('wait1', { signal: AbortSignal.abort() })).rejects.toThrow(
      AbortedError,
    );
    expect((await simulator.step('wait1')).moves).toBe(2);
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 50);
    await expect(simulator.step('wait', { signal: stop.signal })).rejects.toThrow(AbortedError);
    await expect(simulator.step('wait1')).rejects.toThrow(SimulatorGoneError);
    await expect(jarSimulator(doubleOptions(), { signal: AbortSignal.abort() })).rejects.toThrow(
      AbortedError,
    );
  });

  it('ends its process when nobody asks anything, and starts another for the next load', async () => {
    const simulator = await open({}, { idleMs: 150 });
    await simulator.load(BOIL);
    const [pid] = runningChildren();
    await hasEnded(pid!);
    await expect(simulator.step('look around')).rejects.toThrow(
      /has ended: nobody asked it anything for 150 ms/,
    );
    expect(await simulator.load(BOIL)).toMatchObject({ moves: 0 });
    const [other] = runningChildren();
    expect(other).not.toBe(pid);
  });

  it('does not count as idle while it works', async () => {
    const simulator = await open({ delayMs: { load: 600 } }, { idleMs: 150 });
    expect(await simulator.load(BOIL)).toMatchObject({ moves: 0 });
  });

  it('leaves no process when it is closed while it starts another', async () => {
    const simulator = await open({ portAfterMs: 300 }, { idleMs: 150 });
    await hasEnded(runningChildren()[0]!);
    const load = simulator.load(BOIL);
    const refused = expect(load).rejects.toThrow(SimulatorGoneError);
    await wait(100);
    await simulator.close();
    expect(runningChildren()).toEqual([]);
    await refused;
    expect(runningChildren()).toEqual([]);
  });

  it('may be closed at any time, and twice', async () => {
    const simulator = await open({ at: { 'step wait': 'hang' } });
    await simulator.load(BOIL);
    const step = simulator.step('wait');
    await wait(20);
    await Promise.all([
      expect(step).rejects.toThrow(SimulatorGoneError),
      simulator.close(),
      simulator.close(),
    ]);
    await expect(simulator.load(BOIL)).rejects.toThrow('it was closed');
  });
});
