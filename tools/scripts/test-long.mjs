// Soak, kill and full-size suites, too long for every change. LONG_SEED chooses the random moments and games; it is printed.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

import { root } from './workspace.mjs';

const seed = process.env.LONG_SEED ?? '1';
console.log(`LONG_SEED=${seed}`);
const { status } = spawnSync(
  join(root, 'node_modules', '.bin', 'jest'),
  ['--config', 'jest.long.config.js', ...process.argv.slice(2)],
  {
    cwd: join(root, 'apps', 'trainer'),
    env: { ...process.env, LONG_SEED: seed },
    stdio: 'inherit',
  },
);
process.exit(status ?? 1);
