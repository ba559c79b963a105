import { z } from 'zod';

/** How a file stood when it was read: enough to tell whether it has changed since. */
const stampSchema = z.object({ mtimeMs: z.number(), size: z.number() });
export type Stamp = z.output<typeof stampSchema>;

export const entrySchema = z.object({
  /** The path of the game file, or of the trajectory folder that lacks one, relative to the root, with forward slashes. */
  path: z.string(),
  /** The first folder of the path; empty for files that lie in the root. */
  split: z.string(),
  kind: z.string().nullable(),
  /** Why the game is not played; null when it is. */
  skipped: z.string().nullable(),
  game: stampSchema.nullable(),
  trajectory: stampSchema.nullable(),
});

/** What is known of one game of a folder without opening it again. */
export type FolderEntry = z.output<typeof entrySchema>;

/** A place in a folder where a game is, or should be. */
export interface GamePlace {
  readonly path: string;
  readonly gameFile: string | null;
  readonly trajectoryFile: string | null;
}

export const isSameStamp = (a: Stamp | null, b: Stamp | null): boolean =>
  a === null || b === null ? a === b : a.mtimeMs === b.mtimeMs && a.size === b.size;
