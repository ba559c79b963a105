import { InvalidInputError, parseInput, randomSource, taskId, type Task } from '@spark-rl/core';
import { z } from 'zod';

import type { GameFile } from '../game-file.js';
import type { GameSource } from '../game-list.js';
import { heldOutSchema, levelOf, type Levels } from '../levels.js';
import { readGameFile } from '../read-game-file.js';
import { parseTaskQuery } from '../task-query.js';
import { isSameStamp, type FolderEntry, type Stamp } from './folder-entry.js';
import { findGames } from './find-games.js';
import { withHumanTask } from './human-task.js';
import { readIndex, writeIndex } from './index-file.js';
import { readEntry, SKIPPED } from './read-entry.js';

const schema = z.strictObject({
  indexFile: z.union([z.string().min(1), z.literal(false)]).optional(),
  solvable: z.enum(['marked', 'any']).default('marked'),
  humanTasks: z.number().min(0).max(1).default(0),
  heldOut: heldOutSchema,
});

/** How a folder of games is opened. */
export interface GameFolderOptions extends Levels {
  /** Where the index is kept; false keeps none. Default `.spark-rl-index.json` in the folder. */
  readonly indexFile?: string | false;
  /** `marked` (default) plays only games that are marked as solvable, as ALFWorld does; `any` also those that say nothing. */
  readonly solvable?: 'marked' | 'any';
  /** The share of games whose task is stated in the words of a person, from `traj_data.json`; 0 to 1, default 0. */
  readonly humanTasks?: number;
}

/** A game that is not played. */
export interface SkippedGame {
  readonly path: string;
  readonly reason: string;
}

/** A folder of games, opened: a source of tasks for `alfworldEnvironment`, and what was found. */
export interface GameFolder extends GameSource {
  readonly root: string;
  /** The games that are played, in order of their paths. */
  readonly games: readonly FolderEntry[];
  readonly skipped: readonly SkippedGame[];
  readonly index: {
    /** How many games were opened and read, because the index did not know them as they are. */
    readonly read: number;
    /** Why the stored index was not used; null when it was. */
    readonly refused: string | null;
    /** Why the index could not be stored; null when it was, or did not have to be. */
    readonly unwritten: string | null;
  };
}

const dataSchema = z.object({ path: z.string() });

/**
 * Opens a folder of games in the layout of ALFWorld's releases (`train`, `valid_seen`, `valid_unseen`, a folder for each task and
 * trial), or any folder with `.tw-pddl` files. Games are read when they are played. What has to be known of all of them is kept
 * in an index; a game whose file has another size or time of change than the index says is read again. As in ALFWorld, games
 * with movable receptacles, of sliced objects, and without a mark that they are solvable are skipped; so are damaged ones, each
 * with its reason. Needs Node.
 *
 * @throws InvalidInputError when an option is wrong, or there is no such folder
 */
export async function openGameFolder(
  folder: string,
  options: GameFolderOptions = {},
): Promise<GameFolder> {
  const settings = parseInput(schema, options, 'options of openGameFolder');
  // Imported here, so that the package still loads where there is no file system.
  const fs = await import('node:fs');
  const root = folder.length > 1 ? folder.replace(/[/\\]+$/, '') : folder;
  const indexFile = settings.indexFile ?? `${root}/.spark-rl-index.json`;
  let places;
  try {
    places = findGames(root, fs);
  } catch (cause) {
    throw new InvalidInputError(`${root}: cannot be read (${(cause as Error).message})`, {
      field: 'folder',
      value: folder,
      remedy: 'Give the folder that holds train, valid_seen and valid_unseen.',
      cause,
    });
  }
  const stored =
    indexFile === false ? { entries: [], refused: 'no index is kept' } : readIndex(indexFile, fs);
  const known = new Map(stored.entries.map((entry) => [entry.path, entry]));
  const stampOf = (path: string | null): Stamp | null => {
    const found =
      path === null ? undefined : fs.statSync(`${root}/${path}`, { throwIfNoEntry: false });
    return found === undefined ? null : { mtimeMs: found.mtimeMs, size: found.size };
  };
  let read = 0;
  const entries = places.map((place): FolderEntry => {
    const stamps = { game: stampOf(place.gameFile), trajectory: stampOf(place.trajectoryFile) };
    const old = known.get(place.path);
    if (
      old !== undefined &&
      isSameStamp(old.game, stamps.game) &&
      isSameStamp(old.trajectory, stamps.trajectory)
    ) {
      return old;
    }
    read++;
    return readEntry(root, place, stamps, fs);
  });
  const isStale = read > 0 || entries.length !== stored.entries.length;
  const unwritten = indexFile !== false && isStale ? writeIndex(indexFile, entries, fs) : null;

  const isPlayed = ({ skipped }: FolderEntry): boolean =>
    skipped === null || (settings.solvable === 'any' && skipped === SKIPPED.unmarked);
  const games = entries.filter(isPlayed);
  return {
    root,
    games,
    skipped: entries
      .filter((entry) => !isPlayed(entry))
      .map(({ path, skipped }) => ({ path, reason: skipped! })),
    index: { read, refused: stored.refused, unwritten },
    tasks: (query) => {
      const { split, seed, kinds, count } = parseTaskQuery(query);
      const level = levelOf(split, settings.heldOut);
      const members = games.filter(
        (game) =>
          (level.split === 'all' || game.split === level.split) &&
          (kinds === undefined || (game.kind !== null && kinds.includes(game.kind))) &&
          level.allows(game.kind),
      );
      const ordered =
        seed === undefined
          ? members
          : randomSource(['alfworld', 'games', level.split, seed]).shuffle(members);
      return ordered.slice(0, count).map(({ path, kind }) => ({
        id: taskId(path),
        environment: 'alfworld',
        split,
        ...(kind === null ? {} : { kind }),
        data: { path },
      }));
    },
    load: (task) => loadGame(root, task, settings.humanTasks),
  };
}

async function loadGame(root: string, task: Task, humanTasks: number): Promise<GameFile> {
  const { path } = parseInput(dataSchema, task.data, `data of task ${task.id}`);
  const file = { ...(await readGameFile(`${root}/${path}`)), name: path };
  const random = randomSource(['alfworld', 'human task', path]);
  if (random.uniform() >= humanTasks) return file;
  return withHumanTask(
    file,
    `${root}/${path.slice(0, path.lastIndexOf('/') + 1)}traj_data.json`,
    random,
  );
}
