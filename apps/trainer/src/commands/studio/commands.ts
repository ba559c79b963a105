import type { Command } from 'commander';

import type { Output } from '../../output/progress.js';
import type { NumberReaders } from '../alfworld/commands.js';
import { studioCommand, type StudioOptions } from './studio.js';

/** Adds `studio`. */
export function addStudioCommands(
  program: Command,
  output: Output,
  done: (code: number) => void,
  { wholeNumber }: Pick<NumberReaders, 'wholeNumber'>,
): void {
  program
    .command('studio')
    .description('look at runs and their trees in a browser, while they train and afterwards')
    .argument('[run]', 'a run folder, to begin with its page or to export it')
    .option('--runs <folder>', 'where run folders are', 'runs')
    .option('--port <number>', 'on this machine only; 0 takes any that is free', wholeNumber, 7700)
    .option('--export <file>', 'write one HTML file of a run instead, which needs no server')
    .option('--steps <from-to>', 'with --export: steps of reinforcement, such as 3 or 1-5')
    .action(async (run: string | undefined, options: StudioOptions) =>
      done(await studioCommand(run, options, output)),
    );
}
