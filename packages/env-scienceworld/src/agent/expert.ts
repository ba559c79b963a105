import {
  EnvironmentError,
  observationText,
  parseInput,
  type Expert,
  type ExpertSession,
  type Task,
} from '@spark-rl/core';
import { z } from 'zod';

import { taskDataOf } from '../environment/task-data.js';
import type { RecordedEpisode } from '../recorded/episode.js';
import { reasonFor, roomOf } from './gold-reasoning.js';

/** What the expert knows. */
export interface ScienceworldExpertOptions {
  /** Recorded episodes; those of a kind that begins with `gold` and that end at score 100 are what it can repeat. */
  readonly episodes: readonly RecordedEpisode[];
  /** Leaves out solutions with more actions, which a limit would cut off; default none. */
  readonly maxActions?: number;
}

/** An expert that also says which tasks it knows a solution of. */
export interface ScienceworldExpert extends Expert {
  readonly solves: (task: Task) => boolean;
}

const schema = z.strictObject({
  episodes: z.custom<readonly RecordedEpisode[]>(Array.isArray, 'expected recorded episodes'),
  maxActions: z.int().min(1).optional(),
});

/** The part of a recording up to the step that reached 100: some go on after it. */
function solutionOf({ steps }: RecordedEpisode): RecordedEpisode['steps'] {
  const won = steps.findIndex(({ score }) => score === 100);
  return won < 0 ? [] : steps.slice(0, won + 1);
}

interface Solution {
  readonly episode: RecordedEpisode;
  readonly steps: RecordedEpisode['steps'];
}

function beginSession(known: readonly Solution[], instruction: string): ExpertSession {
  let candidates = known.filter(({ episode }) => episode.taskDescription === instruction);
  const visited = new Set<string>();
  const done = new Set<string>();
  let turn = 0;
  return {
    act: (observation) => {
      const seen = observationText(observation);
      candidates = candidates.filter(({ episode, steps }) => {
        const expected = turn === 0 ? episode.reset : steps[turn - 1]!;
        return steps.length > turn && seen.includes(expected.obs.trimEnd());
      });
      const next = candidates[0]?.steps[turn];
      if (next === undefined) {
        throw new EnvironmentError(`the expert knows no solution from here, at turn ${turn}`, {
          field: 'episodes',
          value: instruction,
          remedy:
            'Give it a gold recording of this task and variation, made by the same version and with the same simplifications.',
        });
      }
      const { action } = next;
      candidates = candidates.filter(({ steps }) => steps[turn]?.action === action);
      const said = reasonFor(action, { visited, done });
      const room = roomOf(action);
      if (room !== undefined) visited.add(room);
      done.add(action);
      turn++;
      return said;
    },
  };
}

/**
 * An expert that repeats the simulator's own solutions, as recordings hold them, and gives a reason for each action. It recognises the
 * variation by what it is told and shown; it knows where things are because the simulator did, so its reasons follow from the actions'
 * forms, by rules: `explore` where an action is taken to learn something for the first time, `think` otherwise.
 *
 * @throws InvalidInputError when an option is wrong; a session throws an EnvironmentError where no solution fits what it sees
 */
export function scienceworldExpert(options: ScienceworldExpertOptions): ScienceworldExpert {
  const { episodes, maxActions = Infinity } = parseInput(
    schema,
    options,
    'options of scienceworldExpert',
  );
  const known = episodes
    .filter(({ kind }) => kind.startsWith('gold'))
    .map((episode): Solution => ({ episode, steps: solutionOf(episode) }))
    .filter(({ steps }) => steps.length > 0 && steps.length <= maxActions);
  const keyOf = (...parts: readonly (string | number)[]): string => JSON.stringify(parts);
  const solved = new Set(
    known.map(({ episode }) => keyOf(episode.task, episode.variation, episode.simplification)),
  );
  return {
    id: 'scienceworld-expert',
    solves: (task) => {
      const { task: name, variation, simplifications } = taskDataOf(task);
      return solved.has(keyOf(name, variation, simplifications));
    },
    begin: ({ instruction }) => beginSession(known, instruction),
  };
}
