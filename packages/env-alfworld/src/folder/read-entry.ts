import type * as FileSystem from 'node:fs';

import { z } from 'zod';

import { parseGameFile } from '../game-file.js';
import { HOUSEHOLD_KINDS } from '../generator/data/task-sentences.js';
import type { FolderEntry, GamePlace, Stamp } from './folder-entry.js';

/** Why games are left out, in ALFWorld's order of asking. Damaged files say what is wrong with them after the colon. */
export const SKIPPED = {
  movable: 'movable receptacle: not supported by ALFWorld',
  sliced: 'sliced object: not supported by ALFWorld',
  kind: 'task type not one of the six',
  missing: 'no game.tw-pddl',
  unmarked: 'not marked as solvable',
  unsolvable: 'marked as unsolvable',
  damagedGame: 'damaged game: ',
  damagedTrajectory: 'damaged traj_data.json: ',
} as const;

const trajectorySchema = z.object({ task_type: z.string() });

/** The six kinds, by what a path or a trajectory calls them. */
export const kindNamed = (text: string): string | null =>
  HOUSEHOLD_KINDS.find((kind) => text.includes(kind)) ?? null;

/** Reads what an entry says of a place: who it is, and whether it is to be played. Nothing is thrown: damage is a reason to skip. */
export function readEntry(
  root: string,
  place: GamePlace,
  stamps: { readonly game: Stamp | null; readonly trajectory: Stamp | null },
  fs: typeof FileSystem,
): FolderEntry {
  const { path, gameFile, trajectoryFile } = place;
  const split = path.includes('/') ? path.slice(0, path.indexOf('/')) : '';
  let kind = kindNamed(path);
  const reason = (): string | null => {
    if (path.includes('movable')) return SKIPPED.movable;
    if (path.includes('Sliced')) return SKIPPED.sliced;
    if (trajectoryFile !== null) {
      try {
        const json: unknown = JSON.parse(fs.readFileSync(`${root}/${trajectoryFile}`, 'utf8'));
        const { task_type: type } = trajectorySchema.parse(json);
        kind = HOUSEHOLD_KINDS.find((one) => one === type) ?? null;
        if (kind === null) return `${SKIPPED.kind}: ${type}`;
      } catch (cause) {
        return `${SKIPPED.damagedTrajectory}${firstLine(cause)}`;
      }
    }
    if (gameFile === null) return SKIPPED.missing;
    try {
      const { solvable } = parseGameFile(fs.readFileSync(`${root}/${gameFile}`, 'utf8'), path);
      if (solvable === true) return null;
      return solvable === false ? SKIPPED.unsolvable : SKIPPED.unmarked;
    } catch (cause) {
      return `${SKIPPED.damagedGame}${firstLine(cause).replace(`${path}: `, '')}`;
    }
  };
  const skipped = reason();
  return { path, split, kind, skipped, ...stamps };
}

const firstLine = (cause: unknown): string =>
  (cause instanceof Error ? cause.message : String(cause)).split('\n', 1)[0]!;
