import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';

import type { Task } from '@spark-rl/core';
import {
  jarSimulator,
  openSimulators,
  scienceworldEnvironment,
  type JarSimulatorOptions,
  type Simulator,
} from '@spark-rl/env-scienceworld';

import { median } from './measure.js';
import { benchRow, type BenchRow } from './report.js';

const ROUNDS = 3;
const CALLS = 100;
const STEPS = 30;
const DEPTHS = [5, 15, 30];
const ACTIONS = ['open door to kitchen', 'go to kitchen', 'look around', 'wait1', 'inventory'];
const DOUBLE = new URL(
  '../../packages/env-scienceworld/tests/double/gateway-double.mjs',
  import.meta.url,
).pathname;

/** What is measured: the bridge's options, and the same process as a bare command line. */
interface Setting {
  readonly name: string;
  readonly options: JarSimulatorOptions;
  readonly command: readonly [string, ...string[]];
  readonly cwd?: string;
}

/** A gateway driven by hand: a socket, a line out, a line in, and nothing around it. */
async function bareGateway({ command: [program, ...args], cwd }: Setting): Promise<{
  readonly ask: (request: string) => Promise<string>;
  readonly close: () => void;
}> {
  const child = spawn(program, args, { cwd, stdio: ['pipe', 'pipe', 'ignore'] });
  const port = await new Promise<number>((resolve) =>
    child.stdout.once('data', (chunk: Buffer) => resolve(Number.parseInt(chunk.toString(), 10))),
  );
  child.stdout.resume();
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  const lines = createInterface({ input: socket });
  return {
    ask: (request) =>
      new Promise((resolve) => {
        lines.once('line', resolve);
        socket.write(request);
      }),
    close: () => {
      socket.destroy();
      child.stdin.end();
    },
  };
}

const LOAD = 'c\no0\nload\nsboil\ni0\ns\nbFalse\ne\n';
const bareCall = (method: string): string => `c\no0\n${method}\ne\n`;

/** Median time of one run of `work` in ms, of `count`. */
async function medianTime(count: number, work: (n: number) => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    const began = performance.now();
    await work(i);
    times.push(performance.now() - began);
  }
  return median(times);
}

/** One call of the bridge beside the same request and reply on a plain socket, in turn, in processes of their own. */
async function benchCalls(setting: Setting): Promise<readonly BenchRow[]> {
  const bare = await bareGateway(setting);
  await bare.ask('i\nscienceworld.runtime.pythonapi.PythonInterface\ne\n');
  await bare.ask(LOAD);
  const simulator = await jarSimulator(setting.options);
  await simulator.load({ task: 'boil', variation: 0, simplifications: '' });
  const request = bareCall('freeActionLook');
  const bareTimes: number[] = [];
  const bridgeTimes: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const bareTime = await medianTime(CALLS, () => bare.ask(request));
    const bridgeTime = await medianTime(CALLS, () => simulator.look());
    // The first round warms both up.
    if (round === 0) continue;
    bareTimes.push(bareTime);
    bridgeTimes.push(bridgeTime);
  }
  const stepping = [
    'step\nswait1',
    'getScore',
    'getCompleted',
    'getNumMoves',
    'freeActionTaskDesc',
  ];
  const bareSteps: number[] = [];
  const bridgeSteps: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const bareTime = await medianTime(STEPS, async () => {
      for (const method of stepping) await bare.ask(bareCall(method));
    });
    const bridgeTime = await medianTime(STEPS, () => simulator.step('wait1'));
    if (round === 0) continue;
    bareSteps.push(bareTime);
    bridgeSteps.push(bridgeTime);
  }
  const [bareStep, bridgeStep] = [median(bareSteps), median(bridgeSteps)];
  bare.close();
  await simulator.close();
  const [bareCallTime, call] = [median(bareTimes), median(bridgeTimes)];
  return [
    benchRow({
      metric: `one call of the bridge, median, ${setting.name}`,
      value: call,
      unit: 'ms',
      better: 'lower',
      peer: 'the same request on a bare socket',
      peerValue: bareCallTime,
      limit: bareCallTime + 0.25,
    }),
    benchRow({
      metric: `one step (five calls), median, ${setting.name}`,
      value: bridgeStep,
      unit: 'ms',
      better: 'lower',
      peer: 'the same five requests on a bare socket',
      peerValue: bareStep,
    }),
  ];
}

/** Steps per second of all simulators together, each playing an episode of its own. */
async function stepsPerSecond(simulators: readonly Simulator[]): Promise<number> {
  await Promise.all(
    simulators.map((each) => each.load({ task: 'boil', variation: 0, simplifications: '' })),
  );
  const walk = async (each: Simulator): Promise<void> => {
    for (let i = 0; i < STEPS; i++) await each.step(ACTIONS[i % ACTIONS.length]!);
  };
  await Promise.all(simulators.map(walk));
  const began = performance.now();
  await Promise.all(simulators.map(walk));
  return (simulators.length * STEPS * 1000) / (performance.now() - began);
}

async function benchParallel(setting: Setting): Promise<readonly BenchRow[]> {
  const rows: BenchRow[] = [];
  let alone: number | undefined;
  for (const count of [1, 2, 4]) {
    const simulators = await Promise.all(
      Array.from({ length: count }, () => jarSimulator(setting.options)),
    );
    const value = await stepsPerSecond(simulators);
    await Promise.all(simulators.map((each) => each.close()));
    alone ??= value;
    rows.push(
      benchRow({
        metric: `steps with ${count} ${count === 1 ? 'process' : 'processes'}, lean, ${setting.name}`,
        value,
        unit: 'steps/s',
        better: 'higher',
        peer: '1 process',
        peerValue: alone,
      }),
    );
  }
  const official = await jarSimulator({ ...setting.options, callOrder: 'official' });
  rows.push(
    benchRow({
      metric: `steps with 1 process, official, ${setting.name}`,
      value: await stepsPerSecond([official]),
      unit: 'steps/s',
      better: 'higher',
      peer: '1 process, lean',
      peerValue: alone!,
    }),
  );
  await official.close();
  return rows;
}

/** What the second child of a state costs: its way is replayed and compared in another simulator. */
async function benchForks(setting: Setting): Promise<readonly BenchRow[]> {
  const pool = await openSimulators({ ...setting.options, capacity: 2, spares: 1 });
  const environment = scienceworldEnvironment({
    launch: pool.launch,
    capacity: pool.capacity,
    simplifications: '',
    maxActions: null,
    tasks: ['boil'],
  });
  const [task] = environment.tasks({ split: 'train', count: 1 }) as readonly Task[];
  const rows: BenchRow[] = [];
  for (const depth of DEPTHS) {
    const forks: number[] = [];
    const steps: number[] = [];
    for (let round = 0; round <= 2; round++) {
      let { state } = await environment.reset(task!);
      for (let i = 0; i < depth; i++)
        state = (await environment.step(state, ACTIONS[i % ACTIONS.length]!)).state;
      const began = performance.now();
      const first = await environment.step(state, 'wait1');
      const stepped = performance.now();
      const second = await environment.step(state, 'look around');
      // The first round starts the second simulator.
      if (round > 0) {
        steps.push(stepped - began);
        forks.push(performance.now() - stepped);
      }
      for (const each of [first.state, second.state, state]) environment.release(each);
    }
    rows.push(
      benchRow({
        metric: `fork at depth ${depth}, replayed and verified, ${setting.name}`,
        value: median(forks),
        unit: 'ms',
        better: 'lower',
        peer: 'a step without replay',
        peerValue: median(steps),
      }),
    );
  }
  await environment.close();
  await pool.close();
  return rows;
}

/** Overhead of the bridge, steps per second with 1, 2 and 4 processes, and the cost of a fork by depth. */
export async function benchScienceworld(): Promise<readonly BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'scienceworld-bench-'));
  const manifest = join(folder, 'scienceworld.jar');
  execFileSync(process.execPath, [DOUBLE, '--write-jar', manifest]);
  const command = [process.execPath, DOUBLE] as [string, ...string[]];
  const double = { name: 'double', options: { jar: manifest, command }, command };
  const rows: BenchRow[] = [...(await benchCalls(double)), ...(await benchForks(double))];
  rmSync(folder, { recursive: true, force: true });

  const jar = process.env['SCIENCEWORLD_JAR'];
  if (jar === undefined) {
    console.log('SCIENCEWORLD_JAR is not set: only the bridge is measured, on a double\n');
    return rows;
  }
  const java: readonly [string, ...string[]] = [
    ...['java', '-Xmx512m', '-XX:+UseSerialGC', '-cp', jar],
    ...['py4j.GatewayServer', '--die-on-broken-pipe', '0'],
  ] as [string, ...string[]];
  // In the same folder as the bridge's, where the simulator finds its numbers of object types.
  const real = { name: 'jar', options: { jar }, command: java, cwd: dirname(jar) };
  rows.push(...(await benchCalls(real)));
  rows.push(...(await benchParallel(real)));
  rows.push(...(await benchForks(real)));
  return rows;
}
