import { EnvironmentError, InvalidInputError, showValue, throwIfAborted } from '@spark-rl/core';

import { SCIENCEWORLD_TASKS } from '../agent/task-table.js';
import { splitVariations, type SimulatorSplit } from '../bridge/splits.js';
import type { Simulator, SimulatorStart, SimulatorStep } from '../simulator.js';
import type { RecordedEpisode, RecordedMoment } from './episode.js';

/** A moment that episodes have in common, and what followed from the actions that were taken there. */
interface Node {
  moment: RecordedMoment;
  readonly after: Map<string, Node>;
}

/** All that was recorded of one task. */
interface World {
  readonly taskDescription: string;
  readonly start: Node;
  /** The actions of the gold episode, where there is one. */
  goldPath: readonly string[];
}

/** What happens to an action that nobody recorded: an error, or an answer that changes nothing. */
export const UNRECORDED_POLICIES = ['error', 'no-effect'] as const;
export type UnrecordedPolicy = (typeof UNRECORDED_POLICIES)[number];

/** What an unrecorded action gets under the policy `no-effect`. */
export const NO_RECORDING = 'No recording tells what that would do.';

const keyOf = (task: string, variation: number, simplifications: string): string =>
  JSON.stringify([task, variation, simplifications]);

const COMPARED = ['obs', 'rawScore', 'done', 'moves', 'look', 'inv'] as const;

/** Adds what an episode saw at a moment that is known; both must be the same, as far as both say. */
function merge(node: Node, moment: RecordedMoment, episode: RecordedEpisode, step: number): void {
  const known = node.moment;
  const wrong = COMPARED.find(
    (field) =>
      known[field] !== undefined && moment[field] !== undefined && known[field] !== moment[field],
  );
  if (wrong !== undefined) {
    const values = `${showValue(known[wrong])} and ${showValue(moment[wrong])}`;
    const which = `${episode.task}, variation ${episode.variation}`;
    throw new InvalidInputError(
      `two recordings of ${which}, differ in ${wrong} after ${step} equal actions: ${values}`,
      {
        field: wrong,
        value: moment[wrong],
        remedy:
          'Use recordings of one version of the simulator and of one order of calls: asking for valid actions changes some tasks.',
      },
    );
  }
  node.moment = { ...known, ...moment };
}

function gather(episodes: readonly RecordedEpisode[]): ReadonlyMap<string, World> {
  const worlds = new Map<string, World>();
  for (const episode of episodes) {
    const key = keyOf(episode.task, episode.variation, episode.simplification);
    const { taskDescription, reset, steps } = episode;
    let world = worlds.get(key);
    if (world === undefined) {
      world = { taskDescription, start: { moment: reset, after: new Map() }, goldPath: [] };
      worlds.set(key, world);
    } else merge(world.start, reset, episode, 0);
    if (episode.kind.startsWith('gold')) world.goldPath = steps.map(({ action }) => action);
    let at = world.start;
    for (const [index, { action, ...moment }] of steps.entries()) {
      const next = at.after.get(action);
      if (next === undefined) {
        const added: Node = { moment, after: new Map() };
        at.after.set(action, added);
        at = added;
      } else {
        merge(next, moment, episode, index + 1);
        at = next;
      }
    }
  }
  return worlds;
}

/** A few names, for a message. */
const some = (names: readonly string[]): string =>
  names.length === 0
    ? 'nothing'
    : `${names.slice(0, 5).map(showValue).join(', ')}${names.length > 5 ? `, and ${names.length - 5} more` : ''}`;

const stepOf = ({ obs, rawScore, done, moves }: RecordedMoment): SimulatorStep => ({
  observation: obs,
  rawScore,
  completed: done,
  moves,
});

/** The recorded variations of a task that belong to a split. */
function variationsIn(
  episodes: readonly RecordedEpisode[],
  task: string,
  split: SimulatorSplit,
): readonly number[] {
  const count = SCIENCEWORLD_TASKS.find(({ name }) => name === task)?.variations ?? 0;
  const all = new Set(splitVariations(count, split));
  const recorded = episodes.filter((each) => each.task === task).map((each) => each.variation);
  return [...new Set(recorded)].filter((variation) => all.has(variation)).sort((a, b) => a - b);
}

const recordMore = 'Record it with spark-rl scienceworld record.';

/**
 * Makes simulators that follow recorded episodes, without a jar. Episodes of the same task, variation and simplifications that begin
 * with the same actions share them, so that forks are where recordings part. A simulator's valid actions are those that were
 * recorded next, or the recorded list where it is whole.
 *
 * @param unrecorded - what happens to an action that nobody recorded at that place; default `error`, an EnvironmentError
 * @returns a function to launch simulators with; they share the episodes
 * @throws InvalidInputError when two episodes contradict each other
 */
export function recordedSimulators(
  episodes: readonly RecordedEpisode[],
  { unrecorded = 'error' }: { readonly unrecorded?: UnrecordedPolicy } = {},
): () => Simulator {
  const worlds = gather(episodes);
  const version = episodes.find((each) => each.version !== undefined)?.version ?? 'recorded';
  const names = [...new Set(episodes.map(({ task }) => task))].sort();

  return () => {
    let world: World | undefined;
    let at: Node | undefined;

    const here = (): Node => {
      if (at !== undefined) return at;
      throw new EnvironmentError('no task is loaded', { remedy: 'Load a task first.' });
    };
    const text = (field: 'look' | 'inv'): string => {
      const found = here().moment[field];
      if (found !== undefined) return found;
      throw new EnvironmentError(`the recording does not tell ${field} here`, { field });
    };

    return {
      version,
      // Lists of a recording draw nothing, so it has no order; lean asks for the least.
      callOrder: 'lean',
      load: async ({ task, variation, simplifications, goldPath = false }, options) => {
        throwIfAborted(options?.signal);
        world = worlds.get(keyOf(task, variation, simplifications));
        at = world?.start;
        if (world === undefined || at === undefined) {
          const wanted = `${task}, variation ${variation}, simplifications "${simplifications}"`;
          throw new EnvironmentError(`${wanted} was not recorded (recorded: ${some(names)})`, {
            field: 'task',
            value: task,
            remedy: recordMore,
          });
        }
        const start: SimulatorStart = {
          ...stepOf(at.moment),
          taskDescription: world.taskDescription,
          goldPath: goldPath ? world.goldPath : [],
        };
        return Promise.resolve(start);
      },
      step: async (action, options) => {
        throwIfAborted(options?.signal);
        const next = here().after.get(action);
        if (next !== undefined) {
          at = next;
          return Promise.resolve(stepOf(next.moment));
        }
        if (unrecorded === 'no-effect')
          return Promise.resolve({ ...stepOf(here().moment), observation: NO_RECORDING });
        throw new EnvironmentError(
          `action ${showValue(action)} was not recorded here (recorded: ${some([...here().after.keys()])})`,
          { field: 'action', value: action, remedy: recordMore },
        );
      },
      validActions: () =>
        Promise.resolve(here().moment.validActions ?? [...here().after.keys()].sort()),
      look: async () => Promise.resolve(text('look')),
      inventory: async () => Promise.resolve(text('inv')),
      taskNames: () => Promise.resolve(names),
      variations: (task, split) => Promise.resolve(variationsIn(episodes, task, split)),
      close: () => Promise.resolve(),
    };
  };
}
