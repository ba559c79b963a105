import { createInterface } from 'node:readline';

import { InvalidInputError } from '@spark-rl/core';
import {
  admissibleCommands,
  compileGame,
  expertAdvice,
  generateGame,
  startGame,
  stepWithAliases,
  wordingOf,
  type Game,
  type GameFile,
} from '@spark-rl/env-alfworld';

import type { Output } from '../../output/progress.js';
import { showEvent } from '../../output/result.js';
import { gameAt } from './game-at.js';
import { parseSize } from './options.js';

export interface PlayOptions {
  readonly game?: string;
  readonly seed: number;
  readonly size: string;
}

const HELP =
  'Type a command. ? lists what does something here, !hint says what an expert would do, !history what was done, !quit leaves.\n';

async function gameToPlay(options: PlayOptions): Promise<GameFile> {
  if (options.game !== undefined) return gameAt(options.game);
  return generateGame({ key: ['play', options.seed], size: parseSize(options.size) }).file;
}

/** One exchange of a game: what was typed, and what came of it. */
interface Exchange {
  readonly command: string;
  readonly observation: string;
}

/** What an expert that has seen no more than the player would do now. */
function hint(game: Game, intro: string, steps: readonly Exchange[]): string {
  try {
    const { action, reasoning } = expertAdvice({
      instruction: game.instruction,
      intro,
      steps,
      wording: wordingOf(game.file),
    });
    return `${action}  (${reasoning})`;
  } catch (cause) {
    if (cause instanceof InvalidInputError) return 'The expert does not understand this task.';
    throw cause;
  }
}

/** Plays a game in the terminal: commands come from standard input, one a line, also through a pipe. */
export async function playCommand(
  options: PlayOptions,
  output: Output,
  input: NodeJS.ReadableStream = process.stdin,
): Promise<number> {
  const game = compileGame(await gameToPlay(options));
  let { state, observation, done } = startGame(game);
  const intro = observation;
  output.write(`${observation}\n\n${HELP}`);
  const admissible = (): readonly string[] => (done ? [] : admissibleCommands(state));
  showEvent(output, 'start', { observation, admissible: admissible() });
  const end = (won: boolean): void => showEvent(output, 'end', { won, steps: history.length });
  const history: Exchange[] = [];
  if (done) {
    output.write('The goal holds from the start: there is nothing to play.\n');
    end(true);
    return 0;
  }
  const lines = createInterface({ input, terminal: false });
  const prompt = (): void => output.write(output.interactive ? '\n> ' : '');
  prompt();
  for await (const line of lines) {
    const command = line.trim();
    if (command === '!quit') break;
    if (command === '?') output.write(`${admissibleCommands(state).join('\n')}\n`);
    else if (command === '!hint') {
      const text = hint(game, intro, history);
      showEvent(output, 'hint', { text });
      output.write(`${text}\n`);
    } else if (command === '!history') {
      history.forEach((step, i) =>
        output.write(`${i + 1}. ${step.command}\n   ${step.observation}\n`),
      );
    } else if (command !== '') {
      ({ state, observation, done } = stepWithAliases(state, command));
      history.push({ command, observation });
      showEvent(output, 'step', { action: command, observation, done, admissible: admissible() });
      output.write(`${output.interactive ? '' : `> ${command}\n`}${observation}\n`);
      if (done) {
        output.write(`\nWon in ${history.length} steps.\n`);
        end(true);
        return 0;
      }
    }
    prompt();
  }
  const count = history.length;
  end(false);
  output.write(`\nLeft after ${count} ${count === 1 ? 'step' : 'steps'}, not won.\n`);
  return 0;
}
