// Finds optional dependencies (platform binaries) that package-lock.json names but does not hold: with such a lock, npm ci fails.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { root } from './workspace.mjs';

const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
const missing = Object.entries(lock).flatMap(([at, entry]) =>
  Object.keys(entry.optionalDependencies ?? {})
    .filter((name) => {
      for (
        let folder = at;
        ;
        folder = folder.slice(0, Math.max(0, folder.lastIndexOf('node_modules') - 1))
      ) {
        if (lock[folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`])
          return false;
        if (folder === '') return true;
      }
    })
    .map((name) => `${at || 'the root'} -> ${name}`),
);
if (missing.length > 0) {
  console.error(
    `package-lock.json lacks optional dependencies; pin an older version:\n${missing.join('\n')}`,
  );
  process.exit(1);
}
console.log('package-lock.json is complete');
