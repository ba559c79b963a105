import { InvalidArgumentError, type Command } from 'commander';

import type { Output } from '../../output/progress.js';
import { serveCommand, TOKEN_VARIABLE, type ServeOptions } from './serve.js';

function port(text: string): number {
  const value = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
  if (!(value <= 65_535)) throw new InvalidArgumentError('Give a port from 0 to 65535.');
  return value;
}

/** Adds `serve`. */
export function addServeCommands(
  program: Command,
  output: Output,
  done: (code: number) => void,
): void {
  program
    .command('serve')
    .description('answer the requests of OpenAI-compatible clients with a trained agent')
    .argument('<folder>', 'a run folder, or the folder of a model as on Hugging Face')
    .option('--checkpoint <name>', 'of a run: warmup, final, step-10, ... (default: final)')
    .option('--name <name>', 'what requests call the model (default: the name of the folder)')
    .option('--host <address>', 'where to listen; only this machine by default', '127.0.0.1')
    .option('--port <number>', 'where to listen; 0 takes any that is free', port, 8000)
    .option(
      '--token <token>',
      `what clients must show as their API key; again for several (default: ${TOKEN_VARIABLE}, or one is made and printed)`,
      (value: string, earlier: readonly string[] | false | undefined) => [
        ...(earlier === false ? [] : (earlier ?? [])),
        value,
      ],
    )
    .option('--no-token', 'let everybody in who reaches the address')
    .option(
      '--grammar <name>',
      'how responses are taken apart for a vote: spark, react, rlvmr',
      'spark',
    )
    .option('--engine <name>', 'the engine', 'auto')
    .action(async (folder: string, options: ServeOptions) =>
      done(await serveCommand(folder, options, output)),
    );
}
