import type * as FileSystem from 'node:fs';

import type { GamePlace } from './folder-entry.js';

const GAME = 'game.tw-pddl';
const TRAJECTORY = 'traj_data.json';

/**
 * All places below `root` where a game is or should be, in order of their paths: folders with a `traj_data.json` or a
 * `game.tw-pddl`, as in ALFWorld's releases, and single files that end in `.tw-pddl`. Paths have forward slashes.
 *
 * @throws the file system's own error when `root` cannot be read
 */
export function findGames(root: string, fs: typeof FileSystem): readonly GamePlace[] {
  const places: GamePlace[] = [];
  const visit = (folder: string): void => {
    const items = fs
      .readdirSync(folder === '' ? root : `${root}/${folder}`, { withFileTypes: true })
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    const at = (name: string): string => (folder === '' ? name : `${folder}/${name}`);
    const names = new Set(items.filter((item) => !item.isDirectory()).map(({ name }) => name));
    const hasGame = names.has(GAME);
    const hasTrajectory = names.has(TRAJECTORY);
    if (hasGame || hasTrajectory) {
      places.push({
        path: hasGame ? at(GAME) : folder,
        gameFile: hasGame ? at(GAME) : null,
        trajectoryFile: hasTrajectory ? at(TRAJECTORY) : null,
      });
    }
    for (const item of items) {
      if (item.isDirectory()) visit(at(item.name));
      else if (item.name !== GAME && item.name.endsWith('.tw-pddl')) {
        places.push({ path: at(item.name), gameFile: at(item.name), trajectoryFile: null });
      }
    }
  };
  visit('');
  return places;
}
