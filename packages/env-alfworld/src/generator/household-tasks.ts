import {
  InvalidInputError,
  parseInput,
  randomSource,
  taskId,
  type Task,
  type TaskQuery,
} from '@spark-rl/core';
import { z } from 'zod';

import type { GameFile } from '../game-file.js';
import { heldOutSchema, LEVELS, levelOf, type Levels } from '../levels.js';
import { parseTaskQuery } from '../task-query.js';
import type { RoomType } from './data/rooms.js';
import {
  generateGame,
  householdKindSchema,
  householdSizeSchema,
  householdSplitSchema,
  roomTypeSchema,
  scenesFor,
  type GeneratedGame,
} from './generate-game.js';
import { HOUSEHOLD_KINDS, TASK_MIX, type HouseholdKind } from './data/task-sentences.js';
import { pickWeighted, type HouseholdSize } from './layout.js';
import { HOUSEHOLD_SPLITS, ROOM_TYPES } from './splits.js';

const kindsSchema = z.array(householdKindSchema).min(1);

const optionsSchema = z.strictObject({
  size: householdSizeSchema.default('small'),
  kinds: kindsSchema.optional(),
  rooms: z
    .array(roomTypeSchema)
    .min(1)
    .default([...ROOM_TYPES]),
  heldOut: heldOutSchema,
  mix: z.enum(['even', 'alfworld']).default('even'),
});

const dataSchema = z.object({
  split: householdSplitSchema,
  size: householdSizeSchema,
  kind: householdKindSchema,
  scene: z.number().int(),
  seed: z.number(),
  index: z.number().int().min(0),
});

/** Which games to generate; see {@link householdTasks}. */
export interface HouseholdTasksOptions extends Levels {
  /** Default `small`. */
  readonly size?: HouseholdSize;
  /** Default all that the rooms allow. */
  readonly kinds?: readonly HouseholdKind[];
  /** Default all four. */
  readonly rooms?: readonly RoomType[];
  /** How often each kind is asked for: equally (default), or as in ALFWorld's own games. */
  readonly mix?: 'even' | 'alfworld';
}

/** Names tasks, and makes the game of a task: a source of games for `alfworldEnvironment`. */
export interface HouseholdTasks {
  readonly tasks: (query: TaskQuery) => readonly Task[];
  readonly load: (task: Task) => GameFile;
  /** The game of a task with what it was made from. */
  readonly generate: (task: Task) => GeneratedGame;
}

/** How many tasks a split has when a query does not say: as many as ALFWorld's. */
const SPLIT_SIZES = { train: 3553, valid_seen: 140, valid_unseen: 134 } as const;

/**
 * A source of generated tasks. Task `i` of a split depends on the query's seed (default 0) and `i` alone, so a longer list begins
 * with the shorter one. Among `k` kinds, every `k` consecutive tasks have each kind once,
 * unless the mix is ALFWorld's. Without a count, a split has as many
 * tasks as ALFWorld's: 3,553 / 140 / 134. The levels of generalisation ({@link LEVELS}) are splits too: the same games, without
 * the held-out kinds or with nothing else.
 *
 * @throws InvalidInputError when an option, a query or a task's data is wrong, or when the rooms cannot have one of the kinds
 */
export function householdTasks(options: HouseholdTasksOptions = {}): HouseholdTasks {
  const settings = parseInput(optionsSchema, options, 'options of householdTasks');
  const { size, rooms } = settings;
  const possible = HOUSEHOLD_KINDS.filter((kind) =>
    HOUSEHOLD_SPLITS.some((split) => scenesFor(kind, split, size, rooms).length > 0),
  );
  const impossible = settings.kinds?.find((kind) => !possible.includes(kind));
  if (impossible !== undefined) throw notGenerated(impossible, rooms, possible);
  return {
    tasks: (given) => {
      const query = parseTaskQuery(given);
      const level = levelOf(query.split, settings.heldOut);
      const split = parseInput(
        householdSplitSchema,
        level.split,
        'split',
        `Choose one of ${[...HOUSEHOLD_SPLITS, ...LEVELS].join(', ')}.`,
      );
      const scenesOfKind = (kind: HouseholdKind): readonly number[] =>
        scenesFor(kind, split, size, rooms);
      const offered = (
        settings.kinds ?? HOUSEHOLD_KINDS.filter((kind) => scenesOfKind(kind).length > 0)
      ).filter(level.allows);
      const kinds = parseInput(kindsSchema, query.kinds ?? offered, 'kinds');
      const refused = kinds.find(
        (kind) => !offered.includes(kind) || scenesOfKind(kind).length === 0,
      );
      if (refused !== undefined) throw notGenerated(refused, rooms, offered);
      const seed = query.seed ?? 0;
      return Array.from({ length: query.count ?? SPLIT_SIZES[split] }, (_, index): Task => {
        const block = Math.floor(index / kinds.length);
        const kind =
          settings.mix === 'even'
            ? randomSource(['household kinds', seed, split, block]).shuffle(kinds)[
                index % kinds.length
              ]!
            : pickWeighted(
                randomSource(['household mix', seed, split, index]),
                kinds.map((name) => [name, TASK_MIX[name]] as const),
              );
        const scene = randomSource(['household scene', seed, split, index]).pick(
          scenesOfKind(kind),
        );
        return {
          id: taskId(`${size}/${split}/${kind}/${scene}/${seed}.${index}`),
          environment: 'alfworld',
          split: query.split,
          kind,
          data: { split, size, kind, scene, seed, index },
        };
      });
    },
    load: (task) => generate(task).file,
    generate,
  };
}

/** The game of a task: a pure function of the task's data. */
function generate(task: Task): GeneratedGame {
  const { split, size, kind, scene, seed, index } = parseInput(
    dataSchema,
    task.data,
    `task ${task.id}`,
    'Take tasks from the environment that plays them.',
  );
  return generateGame({ key: [split, seed, index], split, size, kinds: [kind], scene });
}

function notGenerated(
  kind: HouseholdKind,
  rooms: readonly RoomType[],
  offered: readonly HouseholdKind[],
): InvalidInputError {
  return new InvalidInputError(`kinds: ${kind} is not generated in ${rooms.join(', ')}`, {
    field: 'kinds',
    value: kind,
    remedy: `Ask for some of ${offered.join(', ')}, or allow more kinds and rooms.`,
  });
}
