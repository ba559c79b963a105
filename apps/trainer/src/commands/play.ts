import { createInterface } from 'node:readline';

import { InvalidInputError } from '@spark-rl/core';
import {
  admissibleCommands,
  compileGame,
  generateGame,
  readGameFile,
  startGame,
  stepGame,
  type GameFile,
} from '@spark-rl/env-alfworld';

import type { Output } from '../output/progress.js';

export interface PlayOptions {
  readonly game?: string;
  readonly seed: number;
  readonly size: string;
}

const HELP = 'Type a command. ? lists what does something here, !quit leaves.\n';

async function gameToPlay(options: PlayOptions): Promise<GameFile> {
  if (options.game !== undefined) return readGameFile(options.game);
  if (options.size !== 'small' && options.size !== 'full') {
    throw new InvalidInputError(`there is no size ${options.size}`, {
      field: '--size',
      value: options.size,
      remedy: 'Choose small or full.',
    });
  }
  return generateGame({ key: ['play', options.seed], size: options.size }).file;
}

/** Plays a game in the terminal: commands come from standard input, one a line, also through a pipe. */
export async function playCommand(
  options: PlayOptions,
  output: Output,
  input: NodeJS.ReadableStream = process.stdin,
): Promise<number> {
  let { state, observation, done } = startGame(compileGame(await gameToPlay(options)));
  output.write(`${observation}\n\n${HELP}`);
  const lines = createInterface({ input, terminal: false });
  const prompt = (): void => output.write(output.interactive ? '\n> ' : '');
  let steps = 0;
  if (done) {
    output.write('The goal holds from the start: there is nothing to play.\n');
    return 0;
  }
  prompt();
  for await (const line of lines) {
    const command = line.trim();
    if (command === '!quit') break;
    if (command === '?') output.write(`${admissibleCommands(state).join('\n')}\n`);
    else if (command !== '') {
      steps++;
      ({ state, observation, done } = stepGame(state, command));
      output.write(`${output.interactive ? '' : `> ${command}\n`}${observation}\n`);
      if (done) {
        output.write(`\nWon in ${steps} steps.\n`);
        return 0;
      }
    }
    prompt();
  }
  output.write(`\nLeft after ${steps} ${steps === 1 ? 'step' : 'steps'}, not won.\n`);
  return 0;
}
