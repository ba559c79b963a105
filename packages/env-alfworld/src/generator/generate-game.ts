import { InvalidInputError, parseInput, randomSource, type RandomKey } from '@spark-rl/core';
import { z } from 'zod';

import type { GameFile } from '../game-file.js';
import { HOUSEHOLD_DOMAIN } from './data/domain.js';
import { householdGrammar } from './data/grammar.js';
import type { RoomType } from './data/rooms.js';
import { HOUSEHOLD_KINDS, type HouseholdKind } from './data/task-sentences.js';
import { goalSentence, possibleGoals } from './goal.js';
import { HOUSEHOLD_SIZES, layoutOf, type HouseholdSize } from './layout.js';
import { placeObjects } from './placement.js';
import { householdProblem } from './problem.js';
import { contentFits, HOUSEHOLD_SPLITS, ROOM_TYPES, roomOf, scenesOf } from './splits.js';
import type { HouseholdSplit } from './splits.js';
import { solveGame } from './walkthrough.js';

export const householdKindSchema = z.enum(HOUSEHOLD_KINDS);
export const householdSizeSchema = z.enum(HOUSEHOLD_SIZES);
export const householdSplitSchema = z.enum(HOUSEHOLD_SPLITS);
export const roomTypeSchema = z.enum(ROOM_TYPES as [RoomType, ...RoomType[]]);

const schema = z.strictObject({
  key: z.array(z.union([z.string(), z.number()])).min(1),
  split: householdSplitSchema.default('train'),
  size: householdSizeSchema.default('small'),
  kinds: z.array(householdKindSchema).min(1).optional(),
  rooms: z
    .array(roomTypeSchema)
    .min(1)
    .default([...ROOM_TYPES]),
  scene: z.number().int().optional(),
});

/** What to generate; see {@link generateGame}. */
export interface GenerateGameOptions {
  /** Names the game: equal keys and options give equal games. */
  readonly key: RandomKey;
  /** Default `train`. */
  readonly split?: HouseholdSplit;
  /** Default `small`. */
  readonly size?: HouseholdSize;
  /** The kinds to draw from, all equally likely; default all that the rooms (or the scene) allow. */
  readonly kinds?: readonly HouseholdKind[];
  /** The types of rooms to draw from; default all four. */
  readonly rooms?: readonly RoomType[];
  /** A scene of the split; drawn among those that allow the kind when absent. */
  readonly scene?: number;
}

/** A generated game and what it was made from. */
export interface GeneratedGame {
  readonly file: GameFile;
  readonly kind: HouseholdKind;
  readonly room: RoomType;
  readonly scene: number;
  readonly split: HouseholdSplit;
  readonly size: HouseholdSize;
  /** What is asked for: ALFRED's class of the object and of the receptacle or lamp, and the sentence that says so. */
  readonly goal: { readonly object: string; readonly target: string; readonly sentence: string };
  /** Object, target and where everything lies: equal contents are equal games but for their wording. */
  readonly content: string;
}

const scenesWith = new Map<string, readonly number[]>();

/** The scenes of a room type and a split in which a kind of task can be set; remembered, because layouts never change. */
function scenesWithKind(
  room: RoomType,
  kind: HouseholdKind,
  split: HouseholdSplit,
  size: HouseholdSize,
): readonly number[] {
  const key = `${room} ${kind} ${split} ${size}`;
  const known = scenesWith.get(key);
  if (known !== undefined) return known;
  const scenes = scenesOf(room, split).filter(
    (scene) => possibleGoals(layoutOf(scene, room, size), kind).length > 0,
  );
  scenesWith.set(key, scenes);
  return scenes;
}

/** The scenes of a split and of some room types in which a kind of task can be set. */
export const scenesFor = (
  kind: HouseholdKind,
  split: HouseholdSplit,
  size: HouseholdSize,
  rooms: readonly RoomType[],
): readonly number[] => rooms.flatMap((room) => scenesWithKind(room, kind, split, size));

type Settings = z.output<typeof schema>;

/** The scenes that a request leaves open for a kind. */
function openScenes(kind: HouseholdKind, settings: Settings): readonly number[] {
  const scenes = scenesFor(kind, settings.split, settings.size, settings.rooms);
  return settings.scene === undefined ? scenes : scenes.filter((scene) => scene === settings.scene);
}

/** The kinds to draw from. Those that were asked for must be possible; without a wish, all that are. */
function openKinds(settings: Settings): readonly HouseholdKind[] {
  const { kinds, split, rooms, scene } = settings;
  const possible = (kind: HouseholdKind): boolean => openScenes(kind, settings).length > 0;
  const impossible = (kinds ?? []).find((kind) => !possible(kind));
  const open = kinds ?? HOUSEHOLD_KINDS.filter(possible);
  if (impossible === undefined && open.length > 0) return open;
  const where = scene === undefined ? `no ${rooms.join(' or ')}` : `no scene ${scene}`;
  throw new InvalidInputError(
    `${where} of ${split} can have ${impossible === undefined ? 'any task' : `the task ${impossible}`}`,
    {
      field: scene === undefined ? 'rooms' : 'scene',
      value: scene ?? rooms,
      remedy: 'Leave the scene open, or allow other rooms or kinds.',
    },
  );
}

/** Far more than the about eight draws that a `valid_seen` game needs. */
const MOST_DRAWS = 2000;

/**
 * Generates a household game: a `game.tw-pddl` that plays like ALFWorld's. A layout belongs to its scene number; the key decides
 * the kind, the scene, the goal and where objects lie. Solvable by construction, with a walkthrough; never solved at the start.
 * Splits share no game: `valid_unseen` has scenes of its own, `train` and `valid_seen` share scenes but no content.
 *
 * @throws InvalidInputError when an option is wrong, or no scene allows what is asked for
 */
export function generateGame(options: GenerateGameOptions): GeneratedGame {
  const settings = parseInput(schema, options, 'options of generateGame');
  const { key, split, size } = settings;
  const kinds = openKinds(settings);
  const random = randomSource(['household game', ...key]);
  for (let draw = 0; draw < MOST_DRAWS; draw++) {
    const kind = random.pick(kinds);
    const scene = random.pick(openScenes(kind, settings));
    const room = roomOf(scene)!;
    const layout = layoutOf(scene, room, size);
    const goals = possibleGoals(layout, kind);
    const object = random.pick([...new Set(goals.map((goal) => goal.object))]);
    const goal = random.pick(goals.filter((candidate) => candidate.object === object));
    const objects = placeObjects(layout, goal, random);
    const content = [
      `${size} ${scene} ${kind} ${goal.object} ${goal.target}`,
      ...objects.map(({ name, place }) => `${name} @ ${place.name}`),
    ].join('; ');
    if (!contentFits(content, split)) continue;
    const sentence = goalSentence(goal, random);
    const title = `${kind}-${goal.object}-None-${goal.target}-${scene}`;
    return {
      file: {
        name: `generated/${size}/${split}/${title}/${key.join('.')}`,
        domain: HOUSEHOLD_DOMAIN,
        grammar: householdGrammar(sentence),
        problem: householdProblem('household', layout, objects, goal),
        walkthrough: solveGame(layout, objects, goal),
        solvable: true,
      },
      kind,
      room,
      scene,
      split,
      size,
      goal: { object: goal.object, target: goal.target, sentence },
      content,
    };
  }
  throw new InvalidInputError(`no new game for ${split} in ${MOST_DRAWS} draws`, {
    field: 'scene',
    value: settings.scene,
    remedy: 'Leave the scene open, or allow more kinds.',
  });
}
