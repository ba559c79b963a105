import {
  EnvironmentError,
  InvalidInputError,
  parseInput,
  throwIfAborted,
  type Environment,
  type Status,
  type Task,
  type Transition,
} from '@spark-rl/core';
import { z } from 'zod';

import type { GameFile } from './game-file.js';
import { gameList, type GameSource } from './game-list.js';
import type { GameState } from './game-state.js';
import { compileGame, type Game } from './game.js';
import {
  admissibleCommands,
  startGame,
  stepGame,
  stepWithAliases,
  type GameTransition,
} from './play.js';

/** A moment of an episode. */
export interface AlfworldState {
  readonly game: GameState;
  /** Commands so far, those included that did nothing. */
  readonly steps: number;
  readonly status: Status;
}

/** Which games an environment plays, and how. Give either `games` or `source`. */
export interface AlfworldOptions {
  /** Games, or paths of `game.tw-pddl` files. */
  readonly games?: readonly (GameFile | string)[];
  /** A source of tasks and games, such as the generator's. */
  readonly source?: GameSource;
  /** After how many commands an episode is cut off; default 50, as in ALFWorld. */
  readonly maxSteps?: number;
  /** Commands that `admissible` leaves out, such as `help`; they can still be given. Default none. */
  readonly unlisted?: readonly string[];
  /** Whether agents can ask for the list of admissible commands; default true. Without it the environment has no `admissible`. */
  readonly admissible?: boolean;
  /**
   * Whether the put command of the other data releases is understood too: `put x in/on y` where the game says `move x to y`, and
   * the other way round. Default false: to the letter, as in ALFWorld.
   */
  readonly aliases?: boolean;
}

const optionsSchema = z.strictObject({
  games: z.array(z.union([z.string(), z.custom<GameFile>(isGameFile, 'not a game')])).optional(),
  source: z.custom<GameSource>(isSource, 'needs the functions tasks and load').optional(),
  maxSteps: z.number().int().min(1).default(50),
  unlisted: z.array(z.string()).default([]),
  admissible: z.boolean().default(true),
  aliases: z.boolean().default(false),
});

/** How many compiled games are kept: the tasks of a training step, each of which begins several times. */
const KEPT_GAMES = 64;

/**
 * ALFWorld's household as an environment. The observation of a reset is the game's intro, the instruction is the task it
 * states. The score is 1 when the goal holds, else 0; there is no way to fail.
 *
 * @throws InvalidInputError when an option is wrong; later, when a game is damaged
 */
export function alfworldEnvironment(options: AlfworldOptions): Environment<AlfworldState> {
  const settings = parseInput(optionsSchema, options, 'options of alfworldEnvironment');
  const { maxSteps, unlisted, aliases } = settings;
  const source = sourceOf(settings);
  const compiled = new Map<string, Promise<Game>>();

  const compile = async (task: Task): Promise<Game> => compileGame(await source.load(task));
  // Promises are kept, so that the roots of a tree, which all begin at once, share one compilation.
  const gameOf = (task: Task): Promise<Game> => {
    const key = JSON.stringify([task.id, task.data]);
    const known = compiled.get(key);
    if (known !== undefined) return known;
    const game = compile(task);
    if (compiled.size >= KEPT_GAMES) compiled.delete(compiled.keys().next().value!);
    compiled.set(key, game);
    // A file that could not be read may be there the next time.
    game.catch(() => compiled.delete(key));
    return game;
  };
  const transition = (
    { state, observation, score, done }: GameTransition,
    steps: number,
  ): Transition<AlfworldState> => {
    const status = done ? 'success' : steps >= maxSteps ? 'truncated' : 'running';
    return { state: { game: state, steps, status }, observation, score, status };
  };

  const admissible = ({ game, status }: AlfworldState): readonly string[] => {
    if (status !== 'running') return [];
    const commands = admissibleCommands(game);
    return unlisted.length === 0
      ? commands
      : commands.filter((command) => !unlisted.includes(command));
  };

  return {
    id: 'alfworld',
    tasks: source.tasks,
    reset: async (task, call) => {
      throwIfAborted(call?.signal);
      const game = await gameOf(task);
      return { ...transition(startGame(game), 0), instruction: game.instruction };
    },
    step: (state, action, call) => {
      throwIfAborted(call?.signal);
      if (state.status !== 'running') {
        throw new EnvironmentError(`the episode has ended (${state.status})`, {
          value: action,
          remedy: 'Reset the environment, or step an earlier state.',
        });
      }
      const now = aliases ? stepWithAliases(state.game, action) : stepGame(state.game, action);
      return transition(now, state.steps + 1);
    },
    ...(settings.admissible ? { admissible } : {}),
  };
}

function sourceOf({
  games,
  source,
}: {
  readonly games?: AlfworldOptions['games'] | undefined;
  readonly source?: GameSource | undefined;
}): GameSource {
  if (source !== undefined && games === undefined) return source;
  if (games !== undefined && source === undefined) return gameList(games);
  throw new InvalidInputError('options of alfworldEnvironment: give either games or source', {
    field: source === undefined ? 'games' : 'source',
    remedy: 'Name game files in games, or pass householdTasks(...) as the source.',
  });
}

function isGameFile(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const file = value as Partial<Record<keyof GameFile, unknown>>;
  return [file.name, file.domain, file.grammar, file.problem].every(
    (text) => typeof text === 'string',
  );
}

function isSource(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const source = value as Partial<Record<keyof GameSource, unknown>>;
  return typeof source.tasks === 'function' && typeof source.load === 'function';
}
