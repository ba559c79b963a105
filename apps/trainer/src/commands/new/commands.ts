import type { Command } from 'commander';

import type { Output } from '../../output/progress.js';
import { newEnvironmentCommand } from './new-environment.js';

/** Adds `new environment`: the start of a project outside of this repository. */
export function addNewCommands(
  program: Command,
  output: Output,
  done: (code: number) => void,
): void {
  program
    .command('new')
    .description('begin a project of your own')
    .command('environment')
    .description('a project with a small whole world, its tests, and a rollout in it')
    .argument('<name>', 'lower-case words joined by hyphens, such as lucky-boxes')
    .option('--out <folder>', 'where it is made (default: a folder of that name)')
    .action(async (name: string, options: { out?: string }) =>
      done(await newEnvironmentCommand(name, options, output)),
    );
}
