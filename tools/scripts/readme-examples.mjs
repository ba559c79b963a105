// Runs the first TypeScript block of every README as it stands, so that no example in the documentation is out of date. Names limit it to those packages.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { packages, root } from './workspace.mjs';

const folder = join(root, 'apps', 'trainer', '.readme-examples');
const only = process.argv.slice(2);
let failures = 0;
mkdirSync(folder, { recursive: true });
try {
  for (const { path, name, folder: short } of packages) {
    if (only.length > 0 && !only.includes(name)) continue;
    const readme = join(path, 'README.md');
    const block = existsSync(readme)
      ? /```ts\n([\s\S]*?)```/.exec(readFileSync(readme, 'utf8'))
      : null;
    const file = join(folder, `${short}.mts`);
    if (block !== null) writeFileSync(file, block[1]);
    const result =
      block === null
        ? { status: 1, stdout: '', stderr: 'README.md has no ```ts block' }
        : spawnSync(process.execPath, ['--conditions=@spark-rl/source', '--import', 'tsx', file], {
            cwd: root,
            encoding: 'utf8',
            timeout: 120_000,
          });
    if (result.status === 0 && result.stdout.trim() !== '') console.log(`ok ${name}`);
    else {
      failures++;
      console.error(`FAILED ${name} (exit ${result.status})\n${result.stdout}${result.stderr}`);
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(failures === 0 ? 0 : 1);
