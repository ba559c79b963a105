import { statSync } from 'node:fs';
import { join } from 'node:path';

import { readGameFile, type GameFile } from '@spark-rl/env-alfworld';

/** The game in a file, or in the `game.tw-pddl` of a folder. */
export const gameAt = (path: string): Promise<GameFile> =>
  readGameFile(
    statSync(path, { throwIfNoEntry: false })?.isDirectory() ? join(path, 'game.tw-pddl') : path,
  );
