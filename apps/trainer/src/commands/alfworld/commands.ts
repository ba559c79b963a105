import type { Command } from 'commander';

import type { Output } from '../../output/progress.js';
import { generateCommand, type GenerateOptions } from './generate.js';
import { indexCommand, type IndexOptions } from './index-folder.js';
import { playCommand, type PlayOptions } from './play.js';
import { validateCommand } from './validate.js';
import { verifyCommand } from './verify.js';

/** How numbers are read on the command line. */
export interface NumberReaders {
  readonly wholeNumber: (text: string) => number;
  readonly positiveNumber: (text: string) => number;
}

/** Adds `alfworld` and its commands, and `play`, which is one of them under a name of its own. */
export function addAlfworldCommands(
  program: Command,
  output: Output,
  done: (code: number) => void,
  { wholeNumber, positiveNumber }: NumberReaders,
): void {
  const alfworld = program
    .command('alfworld')
    .description('ALFWorld games: folders of them, new ones, checks, recordings, play');

  alfworld
    .command('index')
    .description('open a folder of games in the layout of the releases, and keep an index of it')
    .argument('<folder>', 'the folder that holds train, valid_seen and valid_unseen')
    .option('--index-file <path>', 'where the index is kept (default: in the folder)')
    .option(
      '--solvable <which>',
      'marked: only games marked as solvable; any: also others',
      'marked',
    )
    .option('--list', 'name every game that is skipped, not only the damaged ones', false)
    .action(async (folder: string, options: IndexOptions) =>
      done(await indexCommand(folder, options, output)),
    );

  alfworld
    .command('generate')
    .description('write generated games as a folder in the layout of the releases')
    .requiredOption('--out <folder>', 'where to write')
    .option('--count <number>', 'how many games of each split', positiveNumber, 100)
    .option('--seed <number>', 'which games', wholeNumber, 0)
    .option('--size <name>', 'small or full rooms', 'full')
    .option('--kinds <names>', 'simple, look, clean, heat, cool, two, with commas (default: all)')
    .option(
      '--split <names>',
      'train, valid_seen, valid_unseen, L-train, L0, L1, L2, with commas; all',
      'train',
    )
    .option('--held-out <names>', 'kinds that only L2 has (default: cool,two)')
    .action(async (options: GenerateOptions) => done(await generateCommand(options, output)));

  alfworld
    .command('validate')
    .description('load every game of a folder and win it: by its walkthrough, a plan or a search')
    .argument('<folder>', 'a folder of games, or one game')
    .action(async (folder: string) => done(await validateCommand(folder, output)));

  alfworld
    .command('verify')
    .description('replay recordings of the original engine, and count what differs')
    .argument('<game>', 'a game.tw-pddl file')
    .argument('<transcript...>', 'recordings: JSON with intro, admissible0 and steps')
    .action(async (game: string, transcripts: string[]) =>
      done(await verifyCommand(game, transcripts, output)),
    );

  const play = (command: Command): Command =>
    command
      .description('play a household game by hand, with history and hints')
      .option('--game <file>', 'a game.tw-pddl file (default: a generated game)')
      .option('--seed <number>', 'which generated game', wholeNumber, 0)
      .option('--size <name>', 'size of a generated game: small or full', 'small');
  play(program.command('play')).action(async (options: PlayOptions) =>
    done(await playCommand(options, output)),
  );
  play(alfworld.command('play').argument('[game]', 'a game.tw-pddl file')).action(
    async (game: string | undefined, options: PlayOptions) =>
      done(await playCommand({ ...options, ...(game === undefined ? {} : { game }) }, output)),
  );
}
