import {
  EnvironmentError,
  InvalidInputError,
  parseInput,
  randomSource,
  taskId,
  type Awaitable,
  type Task,
  type TaskQuery,
} from '@spark-rl/core';
import { z } from 'zod';

import type { GameFile } from './game-file.js';
import { HOUSEHOLD_KINDS } from './generator/data/task-sentences.js';
import { readGameFile } from './read-game-file.js';
import { parseTaskQuery } from './task-query.js';

/** Where an environment gets its tasks and their games from. */
export interface GameSource {
  readonly tasks: (query: TaskQuery) => readonly Task[] | AsyncIterable<Task>;
  /** The game of a task; the same for equal tasks. */
  readonly load: (task: Task) => Awaitable<GameFile>;
}

const dataSchema = z.object({ game: z.string() });

/**
 * A source of given games. A game belongs to the split `all`, and to each split that names a folder of its path, as in ALFWorld's
 * `json_2.1.1/valid_seen/...`; its kind is the task type that its path names. Files given by path are read when they are played.
 *
 * @param games - games, or paths of `game.tw-pddl` files; their names tell them apart
 * @throws InvalidInputError when two games have the same name
 */
export function gameList(games: readonly (GameFile | string)[]): GameSource {
  const byName = new Map<string, GameFile | string>();
  for (const game of games) {
    const name = typeof game === 'string' ? game : game.name;
    if (byName.has(name)) {
      throw new InvalidInputError(`games: two games are called ${name}`, {
        field: 'games',
        value: name,
        remedy: 'Give each game once, under a name of its own.',
      });
    }
    byName.set(name, game);
  }
  const names = [...byName.keys()];

  return {
    tasks: (query) => {
      const { split, seed, kinds, count } = parseTaskQuery(query);
      const members = names.filter((name) => {
        const kind = kindOf(name);
        const isOfSplit = split === 'all' || name.split(/[/\\]/).includes(split);
        return isOfSplit && (kinds === undefined || (kind !== undefined && kinds.includes(kind)));
      });
      const ordered =
        seed === undefined
          ? members
          : randomSource(['alfworld', 'games', split, seed]).shuffle(members);
      return ordered.slice(0, count).map((name) => {
        const kind = kindOf(name);
        return {
          id: taskId(name),
          environment: 'alfworld',
          split,
          ...(kind === undefined ? {} : { kind }),
          data: { game: name },
        };
      });
    },
    load: (task) => {
      const { game: name } = parseInput(dataSchema, task.data, `data of task ${task.id}`);
      const game = byName.get(name);
      if (game === undefined) {
        throw new EnvironmentError(`task ${task.id}: there is no game ${name}`, {
          field: 'games',
          value: name,
          remedy: 'Give the environment the games that its tasks were made from.',
        });
      }
      return typeof game === 'string' ? readGameFile(game) : game;
    },
  };
}

const kindOf = (name: string): string | undefined =>
  HOUSEHOLD_KINDS.find((kind) => name.includes(kind));
