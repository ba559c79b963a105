import { ROOMS, type RoomType } from './data/rooms.js';

/** The splits of generated games, named as ALFWorld names its own. */
export const HOUSEHOLD_SPLITS = ['train', 'valid_seen', 'valid_unseen'] as const;
export type HouseholdSplit = (typeof HOUSEHOLD_SPLITS)[number];

export const ROOM_TYPES = Object.keys(ROOMS) as readonly RoomType[];

/** Of each room type's 30 scenes, the ones kept for `valid_unseen`. They include ALFWorld's own four: 10, 219, 308 and 424. */
const HELD_OUT: ReadonlySet<number> = new Set([8, 10, 15, 19, 24, 29]);

/** The scene numbers of a room type that belong to a split: `train` and `valid_seen` share 24 scenes, `valid_unseen` has 6 of its own. */
export function scenesOf(room: RoomType, split: HouseholdSplit): readonly number[] {
  const hundreds = ROOMS[room].firstScene - 1;
  return Array.from({ length: 30 }, (_, i) => i + 1)
    .filter((scene) => HELD_OUT.has(scene) === (split === 'valid_unseen'))
    .map((scene) => hundreds + scene);
}

/** The room type of a scene number, as in ALFRED: 1-30 kitchens, 201-230 living rooms, 301-330 bedrooms, 401-430 bathrooms. */
export const roomOf = (scene: number): RoomType | undefined =>
  ROOM_TYPES.find((room) => {
    const offset = scene - ROOMS[room].firstScene;
    return offset >= 0 && offset < 30;
  });

/** FNV-1a, 32 bits. */
function contentHash(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++)
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return hash;
}

/**
 * Whether a game with this content may belong to a split. `train` and `valid_seen` share scenes, so their games are told apart
 * by content: one in eight contents is reserved for `valid_seen`. So no game is ever in both, whatever the seeds.
 */
export const contentFits = (content: string, split: HouseholdSplit): boolean =>
  split === 'valid_unseen' || (contentHash(content) % 8 === 0) === (split === 'valid_seen');
