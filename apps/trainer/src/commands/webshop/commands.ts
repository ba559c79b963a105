import { InvalidArgumentError, type Command } from 'commander';

import type { Output } from '../../output/progress.js';
import { indexCommand, type IndexOptions } from './index-files.js';
import { playCommand, type PlayOptions } from './play.js';
import { searchCommand, type SearchOptions } from './search.js';
import { serveCommand, type ServeOptions } from './serve.js';
import { validateCommand, type ValidateOptions } from './validate.js';
import { verifyCommand, type VerifyOptions } from './verify.js';

function portNumber(text: string): number {
  const value = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
  if (!(value <= 65_535)) throw new InvalidArgumentError('Give a port from 0 to 65535.');
  return value;
}

/** Adds `webshop` and its commands. */
export function addWebshopCommands(
  program: Command,
  output: Output,
  done: (code: number) => void,
  {
    wholeNumber,
    positiveNumber,
  }: {
    readonly wholeNumber: (text: string) => number;
    readonly positiveNumber: (text: string) => number;
  },
): void {
  const webshop = program
    .command('webshop')
    .description(
      'WebShop: visit the shop in a browser or a terminal, index, search and check its data',
    );

  /** The options that name a shop, the same for all commands that open one. */
  const opening = (command: Command): Command =>
    command
      .option(
        '--items <file>',
        'items_shuffle.json, or a part of it (default: a made-up catalogue)',
      )
      .option('--ins <file>', 'items_ins_v2.json')
      .option('--human <file>', 'items_human_ins.json; its instructions are then the goals')
      .option('--index <folder>', 'what webshop index made of these files')
      .option('--nouns <file>', 'JSON from product names to their nouns, as spaCy finds them')
      .option('--goals <kind>', 'synthetic or human')
      .option('--seed <number>', 'which made-up catalogue', wholeNumber, 0)
      .option('--products <number>', 'how many made-up products', positiveNumber, 1000)
      .option('--detail <name>', 'made-up texts: brief, or full as in the real data', 'brief');

  opening(
    webshop
      .command('serve')
      .description('serve the shop to browsers, and replay recorded episodes page by page'),
  )
    .option('--goal <number>', 'the goal that the first page proposes', wholeNumber, 0)
    .option('--port <number>', 'where to listen; 0 takes any that is free', portNumber, 3000)
    .option('--host <address>', 'which interface to listen on', '127.0.0.1')
    .option('--attributes', 'give products a page with their attributes', false)
    .option(
      '--replay <path>',
      'a run of train --env webshop, a tree file, or a JSON file of episodes',
    )
    .action(async (options: ServeOptions) => done(await serveCommand(options, output)));

  opening(webshop.command('play').description('visit the shop in the terminal, as an agent does'))
    .option('--goal <number>', 'which goal', wholeNumber, 0)
    .option('--observation <form>', 'how pages are written: text_rich or text', 'text_rich')
    .action(async (options: PlayOptions) => done(await playCommand(options, output)));

  opening(
    webshop
      .command('validate')
      .description("check data files, and whether the goals' own products earn the full reward"),
  )
    .option('--tries <number>', 'how many goals are tried', positiveNumber, 1000)
    .action(async (options: ValidateOptions) => done(await validateCommand(options, output)));

  webshop
    .command('index')
    .description('read the data files once, so that large sets open quickly and need little memory')
    .requiredOption('--items <file>', 'items_shuffle.json, or a part of it')
    .requiredOption('--ins <file>', 'items_ins_v2.json')
    .option('--human <file>', 'items_human_ins.json')
    .requiredOption('--out <folder>', 'where the index goes')
    .action(async (options: IndexOptions) => done(await indexCommand(options, output)));

  webshop
    .command('search')
    .description('search a catalogue as the shop does, and print the hits as JSON')
    .argument('<query>', 'what to search for')
    .requiredOption('--items <file>', 'items_shuffle.json, or a part of it')
    .requiredOption('--ins <file>', 'items_ins_v2.json')
    .option('--index <folder>', 'what webshop index made of these files')
    .option('--count <number>', 'how many hits at most', positiveNumber, 50)
    .action(async (query: string, options: SearchOptions) =>
      done(await searchCommand(query, options, output)),
    );

  webshop
    .command('verify')
    .description('check a file of test vectors, of searches or of golden episodes')
    .argument('<file>', 'JSON with groups such as token_set_ratio, reference or episodes')
    .option('--items <file>', 'the catalogue that was recorded (default: see --ins)')
    .option(
      '--ins <file>',
      'its instructions (default: the files beside FILE, or in data/webshop or shared/data/webshop from here upwards)',
    )
    .option('--human <file>', 'the instructions that people wrote')
    .option('--nouns <file>', 'JSON from product names to their nouns, as spaCy finds them')
    .action(async (file: string, options: VerifyOptions) =>
      done(await verifyCommand(file, options, output)),
    );
}
