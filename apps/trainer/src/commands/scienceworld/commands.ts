import type { Command } from 'commander';

import type { Output } from '../../output/progress.js';
import { doctorCommand, type DoctorOptions } from './doctor.js';
import { playCommand, type PlayOptions } from './play.js';
import { recordCommand, type RecordCommandOptions } from './record.js';
import { verifyCommand, type VerifyOptions } from './verify.js';

/** How numbers are read on the command line. */
export interface NumberReaders {
  readonly wholeNumber: (text: string) => number;
  readonly positiveNumber: (text: string) => number;
}

const JAR = 'path of scienceworld.jar (default: SCIENCEWORLD_JAR, then the packages of Python)';
const JAVA = 'the java to run (default: that of JAVA_HOME, then java)';
const SIMPLIFICATIONS = 'easy, or names joined by commas; "" for none';

/** Adds `scienceworld` and its commands. */
export function addScienceworldCommands(
  program: Command,
  output: Output,
  done: (code: number) => void,
  { wholeNumber, positiveNumber }: NumberReaders,
): void {
  const scienceworld = program
    .command('scienceworld')
    .description("ScienceWorld: the user's own simulator, recordings of it, play");

  scienceworld
    .command('doctor')
    .description('whether java, the jar and memory are there, and whether a world starts')
    .option('--jar <file>', JAR)
    .option('--java <program>', JAVA)
    .option('--heap <megabytes>', 'heap of a world', positiveNumber, 512)
    .action(async (options: DoctorOptions) => done(await doctorCommand(options, output)));

  scienceworld
    .command('play')
    .description('play a task in the terminal, in the simulator or along a recording')
    .option('--task <name>', 'by name, such as boil, or id, such as 1-1')
    .option('--variation <number>', 'which variation of it', wholeNumber)
    .option('--simplifications <names>', `${SIMPLIFICATIONS} (default: easy)`)
    .option('--gold', 'have the simulator solve the task first, for !gold', false)
    .option('--recording <file>', 'play what was recorded, without a simulator')
    .option('--jar <file>', JAR)
    .option('--java <program>', JAVA)
    .action(async (options: PlayOptions) => done(await playCommand(options, output)));

  scienceworld
    .command('record')
    .description('record episodes: gold paths, given actions, or random ones')
    .requiredOption('--out <file>', 'JSON Lines; packed when the name ends in .gz')
    .requiredOption('--task <names>', 'tasks by name, id or topic, with commas; all')
    .option('--variations <numbers>', 'such as 0,4-6 (default: see --split)')
    .option('--split <name>', 'without --variations: train, dev or test', 'train')
    .option('--count <number>', 'with --split: how many variations of each task', positiveNumber, 1)
    .option('--simplifications <names>', SIMPLIFICATIONS, 'easy')
    .option('--play <how>', 'gold, random, or a file with an action a line', 'gold')
    .option('--seed <number>', 'of random actions', wholeNumber, 0)
    .option('--after-gold <number>', 'random: begin with so many gold actions', wholeNumber, 0)
    .option('--max-actions <number>', 'of an episode (default: none; random: 20)', positiveNumber)
    .option('--valid [detail]', 'ask for valid actions after every step, keep hash or list')
    .option('--append', 'keep what the file holds', false)
    .option('--jar <file>', JAR)
    .option('--java <program>', JAVA)
    .action(async (options: RecordCommandOptions) => done(await recordCommand(options, output)));

  scienceworld
    .command('verify')
    .description(
      'replay recordings and count what comes out exactly; exits 1 when anything differs',
    )
    .argument('<file>', 'recorded episodes: JSON Lines, packed or not')
    .option('--engine <name>', 'jar or native', 'jar')
    .option('--task <names>', 'only these, by name, id or topic, with commas')
    .option('--jobs <number>', 'so many simulators side by side', positiveNumber, 1)
    .option('--jar <file>', JAR)
    .option('--java <program>', JAVA)
    .action(async (file: string, options: VerifyOptions) =>
      done(await verifyCommand(file, options, output)),
    );
}
