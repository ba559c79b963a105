import { availableParallelism } from 'node:os';

import {
  EnvironmentError,
  onAbort,
  parseInput,
  throwIfAborted,
  type CallOptions,
} from '@spark-rl/core';
import { z } from 'zod';

import { prepareLaunch, type JarSimulatorOptions } from '../bridge/jar-simulator-options.js';
import { startSimulator } from '../bridge/jar-simulator.js';
import type { CallOrder, Simulator } from '../simulator.js';
import { capacityFromMemory } from './capacity.js';
import { startGate } from './start-gate.js';

const poolSchema = z.strictObject({
  capacity: z.int().min(1).optional(),
  spares: z.int().min(0).default(1),
  startsAtOnce: z.int().min(1).default(availableParallelism()),
});

/**
 * How many simulators there may be, beside how each is run.
 *
 * - `capacity`: how many exist at once; as many as the free memory holds, 64 at most, by default
 * - `spares`: how many are kept started and warmed up beyond those in use, 1
 * - `startsAtOnce`: how many start at the same time; one a processor core by default
 */
export type SimulatorPoolOptions = JarSimulatorOptions & z.input<typeof poolSchema>;

/** What a pool has done so far. */
export interface SimulatorPoolCounts {
  /** How many processes were started, warm ones included. */
  readonly started: number;
  /** How many are in use. */
  readonly used: number;
  /** How many are warm, or being warmed up. */
  readonly spare: number;
}

/** Simulators of one jar, each a process of its own, started before they are wanted. */
export interface SimulatorPool {
  readonly version: string;
  readonly callOrder: CallOrder;
  /** How many worlds can be alive at once: `maxLiveStates` of an environment over this pool. */
  readonly capacity: number;
  /** Gives a simulator, a warm one where there is one. Whoever gets it closes it. */
  readonly launch: (
    options?: CallOptions & { readonly callOrder?: CallOrder },
  ) => Promise<Simulator>;
  readonly counts: () => SimulatorPoolCounts;
  /** Closes every simulator, those in use included, and settles when no process is left. */
  readonly close: () => Promise<void>;
}

/** A simulator on its way, and how to stop it. */
interface Begun {
  readonly simulator: Promise<Simulator>;
  readonly stop: AbortController;
}

/**
 * Opens a pool over the user's jar, for `scienceworldEnvironment({ launch: pool.launch, capacity: pool.capacity })`. The jar is looked
 * for once. A simulator takes a second or more to start, and its first load as long again: both happen for a spare one while others
 * are stepped.
 *
 * @throws JarNotFoundError, and InvalidInputError for wrong options
 */
export async function openSimulators(options: SimulatorPoolOptions = {}): Promise<SimulatorPool> {
  const { capacity: wanted, spares: sparesWanted, startsAtOnce, ...jarOptions } = options;
  const {
    spares: sparesMost,
    startsAtOnce: width,
    capacity: given,
  } = parseInput(
    poolSchema,
    {
      ...(wanted !== undefined && { capacity: wanted }),
      ...(sparesWanted !== undefined && { spares: sparesWanted }),
      ...(startsAtOnce !== undefined && { startsAtOnce }),
    },
    'options of openSimulators',
  );
  const launch = await prepareLaunch(jarOptions);
  const { callOrder, heapMb } = launch.settings;
  const capacity = given ?? capacityFromMemory(process.availableMemory(), heapMb);

  const gate = startGate(width);
  const spares: Begun[] = [];
  const begun = new Set<Begun>();
  const used = new Set<Simulator>();
  let lending = 0;
  let started = 0;
  let closing: Promise<void> | undefined;

  const start = (order: CallOrder, signal: AbortSignal): Promise<Simulator> =>
    gate(signal, () => {
      started++;
      return startSimulator(
        { ...launch, settings: { ...launch.settings, callOrder: order } },
        { signal },
      );
    });

  /** Starts one, and loads something, so that Java has read and compiled what a load needs. */
  const startWarm = async (signal: AbortSignal): Promise<Simulator> => {
    const simulator = await start(callOrder, signal);
    try {
      const [task] = await simulator.taskNames({ signal });
      if (task !== undefined)
        await simulator.load({ task, variation: 0, simplifications: '' }, { signal });
      return simulator;
    } catch (error) {
      await simulator.close();
      throw error;
    }
  };

  const begin = (work: (signal: AbortSignal) => Promise<Simulator>): Begun => {
    const stop = new AbortController();
    const one: Begun = { stop, simulator: work(stop.signal) };
    begun.add(one);
    return one;
  };

  const keepSpares = (): void => {
    while (
      closing === undefined &&
      spares.length < sparesMost &&
      used.size + lending + spares.length < capacity
    ) {
      const spare = begin(startWarm);
      spares.push(spare);
      // One that fails is dropped: whoever wants a simulator then starts one, and learns what is wrong.
      spare.simulator.catch(() => {
        begun.delete(spare);
        const at = spares.indexOf(spare);
        if (at >= 0) spares.splice(at, 1);
      });
    }
  };

  /** Waits for one on its way, and stops it when the call is stopped. */
  const arrive = async (one: Begun, signal: AbortSignal | undefined): Promise<Simulator> => {
    const forget = onAbort(signal, () => one.stop.abort());
    if (signal?.aborted === true) one.stop.abort();
    try {
      const simulator = await one.simulator;
      const lent: Simulator = {
        ...simulator,
        close: async () => {
          await simulator.close();
          used.delete(lent);
        },
      };
      used.add(lent);
      return lent;
    } finally {
      begun.delete(one);
      forget();
    }
  };

  const refuseWhenClosed = (): void => {
    if (closing === undefined) return;
    throw new EnvironmentError('the pool of simulators is closed', {
      remedy: 'Open another, or close it later.',
    });
  };

  const closeAll = async (): Promise<void> => {
    const coming = [...begun];
    for (const { stop } of coming) stop.abort();
    await Promise.allSettled(coming.map(async ({ simulator }) => (await simulator).close()));
    await Promise.allSettled([...used].map((simulator) => simulator.close()));
  };

  keepSpares();
  return {
    version: launch.version,
    callOrder,
    capacity,
    launch: async ({ signal, callOrder: order = callOrder } = {}) => {
      refuseWhenClosed();
      throwIfAborted(signal);
      lending++;
      try {
        const spare = order === callOrder ? spares.shift() : undefined;
        const warm = spare && (await arrive(spare, signal).catch(() => undefined));
        if (warm !== undefined && signal?.aborted !== true) return warm;
        await warm?.close();
        refuseWhenClosed();
        throwIfAborted(signal);
        return await arrive(
          begin((stop) => start(order, stop)),
          signal,
        );
      } finally {
        lending--;
        keepSpares();
      }
    },
    counts: () => ({ started, used: used.size, spare: spares.length }),
    close: () => (closing ??= closeAll()),
  };
}
