import type { Command, Option } from 'commander';

import type { Output } from '../../output/progress.js';
import { leafRules } from '../../pipeline/answer-trees.js';
import { evalCommand } from '../eval.js';
import type { EvalOptions } from './eval-options.js';

const collect = (value: string, earlier: readonly string[] | undefined): readonly string[] => [
  ...(earlier ?? []),
  value,
];

/** Adds `eval`. */
export function addEvalCommand(
  program: Command,
  output: Output,
  done: (code: number) => void,
  how: {
    readonly wholeNumber: (text: string) => number;
    readonly positiveNumber: (text: string) => number;
    readonly temperature: Option;
  },
): void {
  const { wholeNumber, positiveNumber } = how;
  program
    .command('eval')
    .description('measure a checkpoint of a run, or a served model, on unseen games')
    .argument('[run]', 'the run folder; with --policy it gives the world and the words alone')
    .option('--checkpoint <name>', 'warmup, final, step-10, ...', 'final')
    .option('--episodes <number>', 'how many games', positiveNumber, 400)
    .option('--split <name>', 'such as valid_seen, train, L0, L1 or L2 (default: the unseen one)')
    .option(
      '--levels',
      'measure L0 (seen rooms), L1 (unseen rooms) and L2 (kinds of task held out of training)',
    )
    .option('--seed <number>', 'chooses the games and the samples', wholeNumber)
    .addOption(how.temperature)
    .option(
      '--samples <number>',
      'separate episodes of each game, for pass@k (default: 1, or the largest k)',
      positiveNumber,
    )
    .option('--pass-at <numbers>', 'the k of pass@k, such as 1,2,4,8 (default: 1, 2, 4, ...)')
    .option('--leaves <number>', 'branch at test time: the most paths of a game', positiveNumber, 1)
    .option(
      '--roots <number>',
      'with --leaves: paths that start from the beginning (default: 1)',
      positiveNumber,
    )
    .option(
      '--width <number>',
      'with --leaves: children of a turn that explores (default: 2)',
      positiveNumber,
    )
    .option(
      '--choose <rules>',
      `with --leaves or --samples, who answers: ${Object.keys(leafRules).join(', ')} (default: majority,likeliest)`,
    )
    .option('--engine <name>', 'the engine', 'auto')
    .option('--policy <url>', 'measure a model behind this server; again for several', collect)
    .option('--model <name>', 'with --policy: the name by which the server knows it')
    .option(
      '--server <kind>',
      'with --policy: openai, vllm, sglang, llama.cpp or spark-rl',
      'openai',
    )
    .option(
      '--key-env <variable>',
      'with --policy: the environment variable that holds the key, if one is needed',
      'OPENAI_API_KEY',
    )
    .option('--grammar <name>', 'with --policy, without a run: react, spark or rlvmr', 'react')
    .option('--size <name>', 'with --policy, without a run: full or small rooms', 'full')
    .option('--games <folder>', 'with --policy, without a run: real games of ALFWorld')
    .option(
      '--held-out <kinds>',
      'with --policy, without a run: kinds of task that are new to the model (L2), such as cool,two',
    )
    .option(
      '--max-tokens <number>',
      'with --policy, without a run: the most tokens of a response',
      positiveNumber,
      512,
    )
    .option('--concurrency <number>', 'with --policy: the most calls at once', positiveNumber, 16)
    .option('--cassette <file>', 'with --policy: replay the calls recorded here, call no server')
    .option('--record', 'with --cassette: call the server, and record what is not there yet', false)
    .action(async (run: string | undefined, options: EvalOptions) =>
      done(await evalCommand(run, options, output)),
    );
}
