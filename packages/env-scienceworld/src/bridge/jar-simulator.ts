import { InvalidInputError, showValue, throwIfAborted, type CallOptions } from '@spark-rl/core';

import type { Simulator, SimulatorStart, SimulatorStep, SimulatorTask } from '../simulator.js';
import { SimulatorFaultError, SimulatorGoneError } from './errors.js';
import { openGateway } from './gateway.js';
import {
  prepareLaunch,
  type JarLaunch,
  type JarSimulatorOptions,
} from './jar-simulator-options.js';
import { constructInterface, type PythonInterface } from './python-interface.js';
import { checkSimplifications } from './simplifications.js';
import { splitVariations } from './splits.js';

/** What the simulator lists about itself; the same for every process of one jar. */
interface Catalogue {
  readonly tasks: readonly string[];
  readonly simplifications: readonly string[];
}

/**
 * Starts the user's own `scienceworld.jar` as one process, and drives it.
 *
 * @throws JarNotFoundError, SimulatorLaunchError, and InvalidInputError for wrong options; AbortedError when stopped
 */
export async function jarSimulator(
  options: JarSimulatorOptions = {},
  call: CallOptions = {},
): Promise<Simulator> {
  return startSimulator(await prepareLaunch(options), call);
}

/** Starts a simulator as a launch says. Its own function so that a pool looks for the jar once. */
export async function startSimulator(
  { settings, version, command, cwd }: JarLaunch,
  { signal }: CallOptions = {},
): Promise<Simulator> {
  const { callOrder, startMs, requestMs, loadMs, idleMs, closeMs } = settings;

  const open = async (stop: AbortSignal | undefined): Promise<PythonInterface> => {
    const bounds = { startMs, requestMs, closeMs, signal: stop };
    const gateway = await openGateway({ command, cwd, ...bounds });
    try {
      return await constructInterface(gateway, {
        timeoutMs: startMs,
        ...(stop !== undefined && { signal: stop }),
      });
    } catch (error) {
      await gateway.close();
      throw error;
    }
  };

  let api: PythonInterface | undefined = await open(signal);
  let catalogue: Catalogue | undefined;
  let gone: string | undefined;
  /** What a free action says of the loaded task: the same in every turn, unless the simulator broke. */
  let told: string | undefined;
  let idle: NodeJS.Timeout | undefined;
  const ending = new AbortController();
  /** The end of the process before, then the start of the next. */
  let change: Promise<void> | undefined;
  let last: Promise<unknown> = Promise.resolve();

  const retire = (): void => {
    const old = api;
    api = undefined;
    gone = `nobody asked it anything for ${idleMs} ms`;
    change = old?.gateway.close();
  };

  /** Starts another process; none is left when the simulator is closed meanwhile. */
  const startAnother = async (stop: AbortSignal | undefined): Promise<void> => {
    const started = open(AbortSignal.any([ending.signal, ...(stop === undefined ? [] : [stop])]));
    const another = await started.catch((error: unknown) => {
      if (!ending.signal.aborted) throw error;
      return undefined;
    });
    if (ending.signal.aborted) await another?.gateway.close();
    else api = another;
  };

  /** One piece of work at a time, each of several requests. The clock of idleness stands still meanwhile. */
  const inTurn = <Result>(
    { signal: stop }: CallOptions,
    work: (api: PythonInterface) => Promise<Result>,
    mayStart = false,
  ): Promise<Result> => {
    const run = async (): Promise<Result> => {
      throwIfAborted(stop);
      clearTimeout(idle);
      if (api === undefined && mayStart && !ending.signal.aborted) {
        await change?.catch(() => undefined);
        change = startAnother(stop);
        await change;
      }
      if (api === undefined) {
        throw new SimulatorGoneError(
          `the simulator has ended: ${(ending.signal.aborted ? undefined : gone) ?? 'it was closed'}`,
          {
            field: 'idleMs',
            remedy: 'Load a task, or allow it to be idle for longer.',
          },
        );
      }
      try {
        return await work(api);
      } finally {
        clearTimeout(idle);
        if (!ending.signal.aborted) idle = setTimeout(retire, idleMs).unref();
      }
    };
    const turn = last.then(run);
    last = turn.catch(() => undefined);
    return turn;
  };

  const list = async (on: PythonInterface, options: CallOptions): Promise<Catalogue> =>
    (catalogue ??= {
      tasks: await on.texts('getTaskNames', options),
      simplifications: (await on.text('getPossibleSimplifications', [], options)).split(', '),
    });

  const countVariations = async (
    on: PythonInterface,
    task: string,
    options: CallOptions,
  ): Promise<number> => {
    const { tasks } = await list(on, options);
    if (!tasks.includes(task)) {
      throw new InvalidInputError(`the simulator has no task ${showValue(task)}`, {
        field: 'task',
        value: task,
        remedy: `Give one of ${tasks.join(', ')}.`,
      });
    }
    return on.number('getTaskMaxVariations', [task], options);
  };

  const observe = async (
    on: PythonInterface,
    observation: string,
    options: CallOptions,
  ): Promise<SimulatorStep> => {
    const rawScore = await on.number('getScore', [], options);
    const completed = await on.flag('getCompleted', [], options);
    const moves = await on.number('getNumMoves', [], options);
    const official = callOrder === 'official';
    const look = official ? await on.text('freeActionLook', [], options) : undefined;
    const inventory = official ? await on.text('freeActionInventory', [], options) : undefined;
    const description = await on.text('freeActionTaskDesc', [], options);
    told ??= description;
    if (description !== told) {
      throw new SimulatorFaultError(`the simulator broke down inside a step: ${description}`, {
        value: description,
        remedy: 'Leave this action out, or report it to the authors of the simulator.',
      });
    }
    const validActions = official
      ? await on.texts('getValidActionObjectCombinations', options)
      : undefined;
    return {
      observation,
      rawScore,
      completed,
      moves,
      ...(look !== undefined && { look }),
      ...(inventory !== undefined && { inventory }),
      ...(validActions !== undefined && { validActions }),
    };
  };

  const load = async (
    on: PythonInterface,
    { task, variation, simplifications, goldPath = false }: SimulatorTask,
    options: CallOptions,
  ): Promise<SimulatorStart> => {
    const count = await countVariations(on, task, options);
    if (!Number.isInteger(variation) || variation < 0 || variation >= count) {
      throw new InvalidInputError(`task ${task} has no variation ${showValue(variation)}`, {
        field: 'variation',
        value: variation,
        remedy: `Give a whole number from 0 to ${count - 1}.`,
      });
    }
    checkSimplifications(simplifications, task, (await list(on, options)).simplifications);
    // Never `reset`: after one load with a gold path it would generate one at every reset.
    const problem = await on.text('load', [task, variation, simplifications, goldPath], {
      ...options,
      timeoutMs: loadMs,
    });
    if (problem !== '') {
      throw new InvalidInputError(`the simulator cannot load ${task} ${variation}: ${problem}`, {
        field: 'task',
        value: task,
      });
    }
    const taskDescription = await on.text('getTaskDescription', [], options);
    const path = goldPath ? await on.texts('getGoldActionSequence', options) : [];
    told = undefined;
    // The score stays that of the episode before until the first step: this is it.
    const start = await observe(on, await on.text('step', ['look around'], options), options);
    if (!told!.includes(taskDescription)) {
      throw new SimulatorFaultError(`the simulator cannot play ${task} ${variation}: ${told}`, {
        value: told,
      });
    }
    return { ...start, taskDescription, goldPath: path };
  };

  idle = setTimeout(retire, idleMs).unref();
  return {
    version,
    callOrder,
    load: (task, options = {}) => inTurn(options, (on) => load(on, task, options), true),
    step: (action, options = {}) =>
      inTurn(options, async (on) => observe(on, await on.text('step', [action], options), options)),
    validActions: (options = {}) =>
      inTurn(options, (on) => on.texts('getValidActionObjectCombinations', options)),
    look: (options = {}) => inTurn(options, (on) => on.text('freeActionLook', [], options)),
    inventory: (options = {}) =>
      inTurn(options, (on) => on.text('freeActionInventory', [], options)),
    taskNames: (options = {}) =>
      inTurn(options, async (on) => (await list(on, options)).tasks, true),
    variations: (task, split, options = {}) =>
      inTurn(
        options,
        async (on) => splitVariations(await countVariations(on, task, options), split),
        true,
      ),
    close: async () => {
      ending.abort();
      clearTimeout(idle);
      await change?.catch(() => undefined);
      const old = api;
      api = undefined;
      await old?.gateway.close();
    },
  };
}
