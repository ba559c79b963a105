#!/usr/bin/env node
import { main } from './cli.js';

// A reader that goes away (`spark-rl doctor | head`) ends the output, not the work.
process.stdout.on('error', (cause: NodeJS.ErrnoException) => {
  if (cause.code !== 'EPIPE') throw cause;
});

process.exitCode = await main(process.argv.slice(2));
