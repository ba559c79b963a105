import type { Command } from 'commander';

import type { Output } from '../../output/progress.js';
import { indexCommand, type IndexOptions } from './index-files.js';
import { searchCommand, type SearchOptions } from './search.js';
import { verifyCommand, type VerifyOptions } from './verify.js';

/** Adds `webshop` and its commands. */
export function addWebshopCommands(
  program: Command,
  output: Output,
  done: (code: number) => void,
  { positiveNumber }: { readonly positiveNumber: (text: string) => number },
): void {
  const webshop = program
    .command('webshop')
    .description(
      "WebShop: index and search its catalogue, check recordings of the original's answers",
    );

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
