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
import type { RoomType } from './data/rooms.js';
import {
  generateGame,
  householdKindSchema,
  householdSizeSchema,
  householdSplitSchema,
  roomTypeSchema,
  scenesFor,
} from './generate-game.js';
import { HOUSEHOLD_KINDS, type HouseholdKind } from './goal.js';
import type { HouseholdSize } from './layout.js';
import { ROOM_TYPES } from './splits.js';

const optionsSchema = z.strictObject({
  size: householdSizeSchema.default('small'),
  kinds: z
    .array(householdKindSchema)
    .min(1)
    .default([...HOUSEHOLD_KINDS]),
  rooms: z
    .array(roomTypeSchema)
    .min(1)
    .default([...ROOM_TYPES]),
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
export interface HouseholdTasksOptions {
  /** Default `small`. */
  readonly size?: HouseholdSize;
  /** Default all six. */
  readonly kinds?: readonly HouseholdKind[];
  /** Default all four. Kinds that need another type of room are refused. */
  readonly rooms?: readonly RoomType[];
}

/** Names tasks, and makes the game of a task. */
export interface HouseholdTasks {
  readonly tasks: (query: TaskQuery) => readonly Task[];
  readonly load: (task: Task) => GameFile;
}

/** How many tasks a split has when a query does not say: as many as ALFWorld's. */
const SPLIT_SIZES = { train: 3553, valid_seen: 140, valid_unseen: 134 } as const;

/**
 * A source of generated tasks. Task `i` of a split depends on the query's seed (default 0) and `i` alone, so a longer list begins
 * with the shorter one. Among `k` kinds, every `k` consecutive tasks have each kind once. Without a count, a split has as many
 * tasks as ALFWorld's: 3,553 / 140 / 134.
 *
 * @param environment - the id of the environment that plays the tasks
 * @throws InvalidInputError when an option, a query or a task's data is wrong
 */
export function householdTasks(
  environment: string,
  options: HouseholdTasksOptions = {},
): HouseholdTasks {
  const settings = parseInput(optionsSchema, options, 'options of householdTasks');
  const { size, rooms } = settings;
  return {
    tasks: (query) => {
      const split = parseInput(householdSplitSchema, query.split, 'split');
      const wanted = parseInput(
        z.array(householdKindSchema).min(1),
        query.kinds ?? settings.kinds,
        'kinds',
      );
      const kinds = wanted.filter((kind) => settings.kinds.includes(kind));
      const scenes = new Map(kinds.map((kind) => [kind, scenesFor(kind, split, size, rooms)]));
      const impossible = kinds.find((kind) => scenes.get(kind)!.length === 0) ?? null;
      if (kinds.length === 0 || impossible !== null) {
        throw new InvalidInputError(
          impossible === null
            ? `kinds: none of ${wanted.join(', ')} is generated here`
            : `kinds: no ${rooms.join(' or ')} of ${split} can have the task ${impossible}`,
          {
            field: 'kinds',
            value: wanted,
            remedy: `Ask for some of ${settings.kinds.join(', ')}, or allow more rooms.`,
          },
        );
      }
      const seed = query.seed ?? 0;
      return Array.from({ length: query.count ?? SPLIT_SIZES[split] }, (_, index): Task => {
        const block = Math.floor(index / kinds.length);
        const order = randomSource(['household kinds', seed, split, block]).shuffle(kinds);
        const kind = order[index % kinds.length]!;
        const scene = randomSource(['household scene', seed, split, index]).pick(scenes.get(kind)!);
        return {
          id: taskId(`${size}/${split}/${kind}/${scene}/${seed}.${index}`),
          environment,
          split,
          kind,
          data: { split, size, kind, scene, seed, index },
        };
      });
    },
    load: (task) => {
      const { split, size, kind, scene, seed, index } = parseInput(
        dataSchema,
        task.data,
        `task ${task.id}`,
        'Take tasks from the environment that plays them.',
      );
      return generateGame({ key: [seed, index], split, size, kinds: [kind], scene }).file;
    },
  };
}
