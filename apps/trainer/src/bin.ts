#!/usr/bin/env node
import { readFileSync } from 'node:fs';

import { main } from './cli.js';
import { standardOutput } from './output/progress.js';

// Beside `dist` as beside `src`.
const { version } = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
) as { version: string };

// A reader that goes away (`spark-rl doctor | head`) ends the output, not the work.
process.stdout.on('error', (cause: NodeJS.ErrnoException) => {
  if (cause.code !== 'EPIPE') throw cause;
});

process.exitCode = await main(process.argv.slice(2), standardOutput, version);
