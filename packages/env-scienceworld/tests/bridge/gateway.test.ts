import { setTimeout as wait } from 'node:timers/promises';

import { AbortedError } from '@spark-rl/core';

import {
  GatewayProtocolError,
  JavaError,
  SimulatorGoneError,
  SimulatorLaunchError,
  SimulatorTimeoutError,
} from '../../src/bridge/errors.js';
import { openGateway, type Gateway, type GatewayOptions } from '../../src/bridge/gateway.js';
import { doubleCommand, type Faults } from '../double/double.js';
import { hasEnded, isRunning } from '../double/processes.js';

const INTERFACE = 'scienceworld.runtime.pythonapi.PythonInterface';
const opened: Gateway[] = [];
const open = async (
  faults: Faults = {},
  options: Partial<GatewayOptions> = {},
): Promise<Gateway> => {
  const gateway = await openGateway({
    command: doubleCommand(faults),
    startMs: 20_000,
    requestMs: 20_000,
    closeMs: 2000,
    ...options,
  });
  opened.push(gateway);
  return gateway;
};
afterEach(async () => {
  await Promise.all(opened.map((gateway) => gateway.close()));
  for (const { pid } of opened.splice(0)) expect(isRunning(pid)).toBe(false);
});

describe('messages', () => {
  it('make an object, call it, read a list and free it', async () => {
    const gateway = await open();
    const lab = await gateway.construct(INTERFACE);
    const objects = (): Promise<unknown> => gateway.call('z:double', 'objects');
    expect(await objects()).toBe(1);
    expect(await gateway.call(lab, 'load', ['boil', 3, '', true])).toBe('');
    expect(await gateway.call(lab, 'getScore')).toBe(0);
    expect(await gateway.call(lab, 'getCompleted')).toBe(false);
    expect(await gateway.call(lab, 'getNumMoves')).toBe(0);
    expect(await gateway.call(lab, 'getThousands')).toBe(5_000_000_000);
    expect(await gateway.call(lab, 'getNothing')).toBeNull();
    expect(await gateway.call(lab, 'shutdown')).toBeUndefined();
    expect(await gateway.callForTexts(lab, 'getGoldActionSequence')).toHaveLength(4);
    expect(await gateway.call(lab, 'load', ['boil', 3, '', false])).toBe('');
    expect(await gateway.callForTexts(lab, 'getGoldActionSequence')).toEqual([]);
    expect(await objects()).toBe(1);
  });

  it('leave nothing behind in the gateway however many lists are read', async () => {
    const gateway = await open();
    const lab = await gateway.construct(INTERFACE);
    await gateway.call(lab, 'load', ['boil', 0, '', false]);
    for (let i = 0; i < 50; i++)
      await gateway.callForTexts(lab, 'getValidActionObjectCombinations');
    expect(await gateway.call('z:double', 'objects')).toBe(1);
  });

  it.each([{}, { bytes: true }, { stray: true }, { flood: 1_000_000 }])(
    'carry any text there and back (%p)',
    async (faults) => {
      const gateway = await open(faults);
      for (const text of ['', '\\n', 'a\r\n\tb\\', '世界 🦜', 'e', '!xs', 'x'.repeat(2000)]) {
        expect(await gateway.call('z:double', 'echo', [text])).toBe(text);
      }
    },
  );

  it('are sent one at a time, in the order of the calls', async () => {
    const gateway = await open({ delayMs: { echo: 5 } });
    const texts = Array.from({ length: 20 }, (_, i) => `${i}`);
    const echoes = texts.map((text) => gateway.call('z:double', 'echo', [text]));
    expect(await Promise.all(echoes)).toEqual(texts);
  });
});

describe('a start', () => {
  it.each<[string, Partial<GatewayOptions>, RegExp]>([
    ['there is no such program', { command: ['/no/such/java'] }, /does not exist/],
    ['there is no such folder', { cwd: '/no/such/folder' }, /does not exist/],
    [
      'the process ends at once',
      { command: doubleCommand({ exitAtStart: 1 }) },
      /ended with code 1: Error: Could not create the Java Virtual Machine/,
    ],
    [
      'the first line is no port',
      { command: doubleCommand({ firstLine: 'Usage: java' }) },
      /its first line is "Usage: java", not a port/,
    ],
    ['the port is none', { command: doubleCommand({ firstLine: '70000' }) }, /not a port/],
    [
      'the first line never ends',
      { command: doubleCommand({ firstLine: 'x'.repeat(20_000) }) },
      /not a port/,
    ],
    [
      'the command is too long',
      { command: [process.execPath, 'x'.repeat(10_000_000)] },
      /cannot be started/,
    ],
    [
      'no port comes in time',
      { command: doubleCommand({ portAfterMs: 60_000 }), startMs: 300 },
      /no port line within 300 ms/,
    ],
    [
      'nobody listens there',
      { command: doubleCommand({ firstLine: '1' }) },
      /port 1, but the simulator takes no connection/,
    ],
  ])('fails when %s', async (_, options, message) => {
    const failure = open({}, options);
    await expect(failure).rejects.toThrow(SimulatorLaunchError);
    await expect(failure).rejects.toThrow(message);
  });

  it('stops when it is told to', async () => {
    const stop = new AbortController();
    const starting = open({ portAfterMs: 60_000 }, { signal: stop.signal });
    setTimeout(() => stop.abort(), 100);
    await expect(starting).rejects.toThrow(AbortedError);
    await expect(open({}, { signal: AbortSignal.abort() })).rejects.toThrow(AbortedError);
  });
});

describe('a failure', () => {
  it.each<[string, string, new (...args: never[]) => Error, RegExp]>([
    ['the process ends', 'exit', SimulatorGoneError, /was closed: it ended with code 3/],
    ['the connection closes', 'close', SimulatorGoneError, /its process still runs/],
    ['the reply is cut off', 'cut', SimulatorGoneError, /was closed/],
    ['the reply is none', '=HTTP/1.1 400', GatewayProtocolError, /which is no reply/],
    ['the reply never ends', 'endless', GatewayProtocolError, /a line of more than/],
    ['Java throws', 'exception', JavaError, /getScore threw java.lang.OutOfMemoryError: heap$/],
    [
      'Java tells an error',
      'exception-text',
      JavaError,
      /getScore threw java.io.IOException: gone$/,
    ],
    ['no answer comes', 'hang', SimulatorTimeoutError, /getScore: no answer within 500 ms/],
  ])(
    'is told when %s, ends the process, and is not tried again',
    async (_, fault, type, message) => {
      const gateway = await open({ at: { getScore: fault } }, { requestMs: 20_000 });
      const lab = await gateway.construct(INTERFACE);
      const failing = gateway.call(lab, 'getScore', [], fault === 'hang' ? { timeoutMs: 500 } : {});
      const waiting = gateway.call(lab, 'getCompleted');
      const [failed, refused] = await Promise.allSettled([failing, waiting]);
      expect(failed).toMatchObject({ status: 'rejected' });
      const { reason } = failed as PromiseRejectedResult;
      expect(reason).toBeInstanceOf(type);
      expect((reason as Error).message).toMatch(message);
      expect(refused).toMatchObject({ reason: expect.any(SimulatorGoneError) as unknown });
      await expect(gateway.call(lab, 'getCompleted')).rejects.toThrow('given up before');
      await hasEnded(gateway.pid);
    },
  );

  it('keeps the stack trace of Java', async () => {
    const gateway = await open();
    const lab = await gateway.construct(INTERFACE);
    await expect(gateway.call(lab, 'fail')).rejects.toMatchObject({
      message: 'fail threw java.lang.IllegalStateException: asked to fail',
      stackTrace: 'java.lang.IllegalStateException: asked to fail\n\tat tinyLab',
    });
  });

  it.each([
    ['c', (gateway: Gateway) => gateway.call('o99', 'getScore')],
    ['i', (gateway: Gateway) => gateway.construct('no.such.Class')],
  ])('comes of an object or a class that is none (%s)', async (_, call) => {
    await expect(call(await open())).rejects.toThrow(JavaError);
  });

  it('comes when the process is killed, during a call and between two', async () => {
    const gateway = await open({ at: { getScore: 'hang' } });
    const lab = await gateway.construct(INTERFACE);
    const call = gateway.call(lab, 'getScore');
    setTimeout(() => process.kill(gateway.pid, 'SIGKILL'), 50);
    await expect(call).rejects.toThrow(/was closed: SIGKILL ended it/);

    const other = await open();
    process.kill(other.pid, 'SIGKILL');
    await other.ended;
    await expect(other.call('z:double', 'objects')).rejects.toThrow(SimulatorGoneError);
  });

  it('is told of a value of another type', async () => {
    const gateway = await open({ at: { i: '=!ysx' } });
    await expect(gateway.construct(INTERFACE)).rejects.toThrow(/gave "x", not an object/);
    const other = await open({ at: { getTaskNames: '=!yi3' } });
    const lab = await other.construct(INTERFACE);
    await expect(other.callForTexts(lab, 'getTaskNames')).rejects.toThrow(/gave 3, not a list/);
    await expect(other.call(lab, 'getScore')).rejects.toThrow(SimulatorGoneError);
  });
});

describe('an abort', () => {
  it('of a call that waits harms nothing; of one under way it ends the simulator', async () => {
    const gateway = await open({ delayMs: { echo: 100 } });
    const stop = new AbortController();
    const first = gateway.call('z:double', 'echo', ['a']);
    const second = gateway.call('z:double', 'echo', ['b'], { signal: stop.signal });
    stop.abort();
    expect(await first).toBe('a');
    await expect(second).rejects.toThrow(AbortedError);
    expect(await gateway.call('z:double', 'echo', ['c'])).toBe('c');

    const later = new AbortController();
    const third = gateway.call('z:double', 'echo', ['d'], { signal: later.signal });
    await wait(30);
    later.abort();
    await expect(third).rejects.toThrow(AbortedError);
    await expect(gateway.call('z:double', 'echo', ['e'])).rejects.toThrow(SimulatorGoneError);
    await hasEnded(gateway.pid);
  });
});

describe('closing', () => {
  it('refuses what is under way, ends the process, and may be done twice', async () => {
    const gateway = await open({ at: { getScore: 'hang' } });
    const lab = await gateway.construct(INTERFACE);
    const call = gateway.call(lab, 'getScore');
    await Promise.all([expect(call).rejects.toThrow(SimulatorGoneError), gateway.close()]);
    expect(await gateway.ended).toBe('it ended with code 0');
    await gateway.close();
    await expect(gateway.call(lab, 'getScore')).rejects.toThrow('the simulator was closed');
  });

  it('kills a process that does not end', async () => {
    const gateway = await open({ deaf: true }, { closeMs: 200 });
    await gateway.close();
    expect(await gateway.ended).toBe('SIGKILL ended it');
  });
});
