import { Command, Option } from 'commander';

import { addAlfworldCommands } from './commands/alfworld/commands.js';
import { configCommand } from './commands/config.js';
import { compareCommand } from './commands/compare.js';
import { LONGER_WARM_UP } from './compare/run-comparison.js';
import { METHODS } from './compare/variants.js';
import { criteriaCommand } from './commands/criteria.js';
import { doctorCommand } from './commands/doctor.js';
import { addEvalCommand } from './commands/eval/commands.js';
import {
  exportModel,
  isModelExport,
  modelFormats,
  type ExportModelOptions,
} from './commands/export-model.js';
import { exportCommand, exportFormats, type ExportOptions } from './commands/export.js';
import { addNewCommands } from './commands/new/commands.js';
import { resumeCommand } from './commands/resume.js';
import { rolloutCommand } from './commands/rollout.js';
import { addServeCommands } from './commands/serve/commands.js';
import { addStudioCommands } from './commands/studio/commands.js';
import { sftCommand, trainCommand } from './commands/train.js';
import { addScienceworldCommands } from './commands/scienceworld/commands.js';
import { addWebshopCommands } from './commands/webshop/commands.js';
import { positiveNumber, wholeNumber } from './commands/whole-number.js';
import { presets } from './config/presets.js';
import { fieldFlags } from './config/parse-setting.js';
import { reportError } from './output/error-report.js';
import { teach } from './output/help.js';
import { standardOutput, type Output } from './output/progress.js';
import { asksForJson, jsonOutput } from './output/result.js';

const collect = (value: string, earlier: readonly string[]): string[] => [...earlier, value];

const DEFAULT_TEMPERATURES: readonly string[] = ['1', '0.4'];

const PRESET = `where the configuration starts: ${Object.keys(presets).join(', ')} (default: quickstart)`;
const ENV =
  'the world: alfworld, webshop or scienceworld (default: that of the preset, or alfworld)';
const CONFIG = 'a configuration file (default: spark.config.ts, .json, .yaml, ... where you are)';

const settingOption = new Option(
  '--set <field=value>',
  'change any field of the configuration, e.g. rollout.leaves=16; --rollout.leaves 16 says the same',
)
  .argParser(collect)
  .default([] as string[], 'none');

const JSON_MEANING =
  'print what comes out as JSON on standard output; progress and errors go to standard error';

function eachCommand(command: Command, visit: (command: Command) => void): void {
  visit(command);
  for (const child of command.commands) eachCommand(child, visit);
}

/** Given again it adds; a variadic option would swallow the run folder that follows it. */
const temperatureOption = new Option(
  '--temperature <numbers>',
  'sampling temperatures: one, several with commas, or the option again',
)
  .argParser((value: string, earlier: readonly string[]) =>
    earlier === DEFAULT_TEMPERATURES ? [value] : [...earlier, value],
  )
  .default(DEFAULT_TEMPERATURES, '1,0.4');

/** Builds the command line; `done` receives the exit code of the command that ran. */
export function commandLine(
  output: Output,
  done: (code: number) => void,
  version = 'unknown',
): Command {
  const program = new Command('spark-rl')
    .description(
      'Trains language-model agents with SPARK: trees that branch where the agent explores.',
    )
    .version(version, '--version', 'print the version')
    .showHelpAfterError('Run spark-rl --help, or spark-rl COMMAND --help, for what there is.')
    .exitOverride()
    .configureOutput({
      writeOut: output.write,
      // With --json the error is reported as JSON, and once.
      writeErr: output.json === undefined ? (output.writeError ?? output.write) : () => undefined,
    });

  const newRun = (name: string, description: string): Command =>
    program
      .command(name)
      .description(description)
      .option('--preset <name>', PRESET)
      .option('--env <name>', ENV)
      .option('--config <file>', CONFIG)
      .option('--seed <number>', 'all randomness follows from it', wholeNumber)
      .option('--engine <name>', 'onnx-cpu, tfjs-wasm, ... or auto')
      .option('--out <folder>', 'where run folders are made', 'runs')
      .option('--id <name>', 'name of the run folder (default: preset, seed and time)')
      .option('--dry-run', 'print the configuration, the plan and about what it costs; do nothing')
      .addOption(settingOption);

  newRun(
    'train',
    'warm up on expert games, reinforce with SPARK, and measure both on unseen games',
  ).action(async (options: Parameters<typeof trainCommand>[0]) =>
    done(await trainCommand(options, output)),
  );

  newRun('sft', 'only the warm-up on expert games, measured; resume goes on with SPARK').action(
    async (options: Parameters<typeof sftCommand>[0]) => done(await sftCommand(options, output)),
  );

  program
    .command('rollout')
    .description('grow the trees of some tasks with a checkpoint, and learn nothing')
    .argument('<run>', 'the run folder')
    .option('--checkpoint <name>', 'warmup, final, best, step-10, ...', 'final')
    .option('--tasks <number>', 'how many (default: 16, or all of --tasks-of)', positiveNumber)
    .option('--tasks-of <path>', 'the tasks of recorded trees: a file, or a folder of them')
    .option('--split <name>', 'such as valid_unseen or train (default: the unseen one)')
    .option('--seed <number>', 'chooses the tasks and the samples', wholeNumber, 0)
    .option('--engine <name>', 'the engine', 'auto')
    .option('--out <folder>', 'where the trees go (default: rollouts/ in the run folder)')
    .addOption(settingOption)
    .action(async (run: string, options: Parameters<typeof rolloutCommand>[1]) =>
      done(await rolloutCommand(run, options, output)),
    );

  program
    .command('config')
    .description('every field of the configuration: its value, and what it means')
    .option('--preset <name>', PRESET)
    .option('--env <name>', ENV)
    .option('--config <file>', CONFIG)
    .addOption(settingOption)
    .option('--schema', 'print the JSON Schema of a configuration file, for editors', false)
    .action(async (options: Parameters<typeof configCommand>[0]) =>
      done(await configCommand(options, output)),
    );

  program
    .command('resume')
    .description('continue a run that was stopped, from its last checkpoint')
    .argument('<run>', 'the run folder, such as runs/quickstart-1')
    .option('--engine <name>', 'go on with another engine')
    .action(async (run: string, options: { engine?: string }) =>
      done(await resumeCommand(run, options, output)),
    );

  addEvalCommand(program, output, done, {
    wholeNumber,
    positiveNumber,
    temperature: temperatureOption,
  });

  program
    .command('compare')
    .description(
      'compare SPARK with other methods: same warm-ups, equal generated tokens, same unseen games',
    )
    .option(
      '--methods <names>',
      `with commas: ${Object.keys(METHODS).join(', ')}, ${LONGER_WARM_UP}`,
      'spark,chain,longer-warmup',
    )
    .option('--seeds <numbers>', 'makes a warm-up for each seed, such as 1,2,3', '')
    .option(
      '--run <folder>',
      'a run whose warm-up is used; again for more seeds (default: the newest below --out)',
      collect,
      [] as string[],
    )
    .option(
      '--tokens <number>',
      'generated tokens of each run (default: what the run took, or reinforcement.tokens)',
      positiveNumber,
    )
    .option(
      '--vary <field=values>',
      'also SPARK with other values, such as rollout.leaves=4,16; again for more fields',
      collect,
      [] as string[],
    )
    .option('--shares <percents>', 'every method with these shares of --pool, such as 20,60,100')
    .option('--pool <number>', 'how many different tasks 100 % are', positiveNumber, 500)
    .option('--preset <name>', PRESET)
    .option('--env <name>', ENV)
    .option('--config <file>', CONFIG)
    .addOption(settingOption)
    .option('--out <folder>', 'where run folders are', 'runs')
    .option('--id <name>', 'name of the comparison (default: after its first run)')
    .option('--engine <name>', 'onnx-cpu, tfjs-wasm, ... or auto')
    .action(async (options: Parameters<typeof compareCommand>[0]) =>
      done(await compareCommand(options, output)),
    );

  program
    .command('criteria')
    .description('measure how well branching criteria find the turns that matter to a checkpoint')
    .argument('<run>', 'the run folder')
    .option('--checkpoint <name>', 'warmup, final, step-10, ...', 'final')
    .option('--episodes <number>', 'how many games', positiveNumber, 40)
    .option('--continuations <number>', 'from every turn, at least 16', positiveNumber, 16)
    .option(
      '--criteria <names>',
      'separated by commas, as in the configuration',
      'explore-tag,fixed-probability,mean-entropy,surprisal,verbalised-doubt,repeated-action',
    )
    .option('--split <name>', 'such as valid_unseen, valid_seen or train (default: the unseen one)')
    .option(
      '--importance <measure>',
      'variance (of success), or between-actions: the part that the first action decides',
      'variance',
    )
    .option('--critical <number>', 'a turn is critical above this importance', '0.1')
    .option('--temperature <number>', 'sampling temperature (default: that of the rollouts)')
    .option('--seed <number>', 'chooses the games and the samples', wholeNumber)
    .option('--engine <name>', 'the engine', 'auto')
    .option('--out <folder>', 'where probes, report and picture go (default: in the run folder)')
    .action(async (run: string, options: Parameters<typeof criteriaCommand>[1]) =>
      done(await criteriaCommand(run, options, output)),
    );

  addAlfworldCommands(program, output, done, { wholeNumber, positiveNumber });

  addWebshopCommands(program, output, done, { wholeNumber, positiveNumber });

  addScienceworldCommands(program, output, done, { wholeNumber, positiveNumber });

  addServeCommands(program, output, done);

  addNewCommands(program, output, done);

  program
    .command('export')
    .description('write the trees of a run as a data set, or its model, as others read them')
    .argument('<run>', 'the run folder')
    .requiredOption(
      '--format <name>',
      `trees: ${exportFormats.join(', ')}; the model: ${modelFormats.join(', ')}`,
    )
    .requiredOption(
      '--out <path>',
      'trees: the file to write, replaced where there is one; the model: a new folder',
    )
    .option('--prompts <form>', 'TRL: chat, or text as the policy was shown it', 'chat')
    .option('--steps <from-to>', 'steps of reinforcement, such as 3 or 1-5 (default: all)')
    .option('--checkpoint <name>', 'the model: warmup, final, step-10, ... (default: final)')
    .option('--storage <type>', 'the model: f32, f16 or bf16 (default: f32)')
    .action(async (run: string, options: ExportOptions | ExportModelOptions) =>
      done(
        isModelExport(options)
          ? await exportModel(run, options, output)
          : await exportCommand(run, options, output),
      ),
    );

  addStudioCommands(program, output, done, { wholeNumber });

  program
    .command('doctor')
    .description('which engines load here, how fast they are, and which one auto picks')
    .action(async () => done(await doctorCommand(output)));

  eachCommand(program, (command) => {
    if (command.commands.length === 0) command.option('--json', JSON_MEANING);
    teach(command);
  });
  return program;
}

/**
 * Runs a command line.
 *
 * @returns the exit code: 0 done, 1 an error (said on the output), 130 stopped by the user
 */
export async function main(
  argv: readonly string[],
  output: Output = standardOutput,
  version?: string,
): Promise<number> {
  let code = 0;
  const shown = asksForJson(argv) ? jsonOutput(output) : output;
  try {
    const done = (result: number): void => {
      code = result;
    };
    const program = commandLine(shown, done, version);
    // Help and the version are for people, whatever else was asked for.
    eachCommand(program, (command) => command.configureOutput({ writeOut: output.write }));
    await program.parseAsync(fieldFlags(argv), { from: 'user' });
  } catch (cause) {
    return reportError(cause, shown);
  }
  return code;
}
