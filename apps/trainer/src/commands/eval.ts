import { InvalidInputError, parseInput } from '@spark-rl/core';
import { openCheckpoints, readManifest } from '@spark-rl/run-store';
import { join } from 'node:path';

import { trainConfigSchema } from '../config/schema.js';
import { chooseEngine } from '../engines.js';
import { renderEvaluations } from '../output/evaluations.js';
import { startProgress, type Output } from '../output/progress.js';
import { loadCheckpoint } from '../pipeline/checkpoint.js';
import { evaluatePolicy } from '../pipeline/evaluate.js';
import {
  evaluateBranching,
  testTimeBranching,
  type LeafRuleName,
  type Measured,
  type TestTimeBranching,
} from '../pipeline/evaluate-branching.js';
import { withPolicy } from '../pipeline/run-context.js';
import { openWorld } from '../worlds/world.js';
import { splitOf } from '../worlds/split-of.js';
import { wilsonInterval } from '../statistics/intervals.js';
import { withStopSignal } from '../stop-signal.js';

export interface EvalOptions {
  readonly checkpoint: string;
  readonly episodes: number;
  readonly split?: string;
  readonly seed?: number;
  readonly temperature: readonly string[];
  readonly engine: string;
  readonly leaves: number;
  readonly roots?: number;
  readonly width?: number;
  readonly choose?: string;
  readonly json: boolean;
}

/** Reads temperatures from `1,0.4`, or from the option given again and again. */
function temperaturesOf(texts: readonly string[]): readonly number[] {
  return texts
    .flatMap((text) => text.split(','))
    .map((text) => {
      const value = Number(text);
      if (text.trim() !== '' && value >= 0 && value <= 2) return value;
      throw new InvalidInputError(`--temperature ${text} is not a number from 0 to 2`, {
        field: '--temperature',
        value: text,
        remedy: 'Give numbers such as 1 or 0.4, or several with commas: 1,0.4.',
      });
    });
}

function branchingOf(options: EvalOptions): TestTimeBranching | undefined {
  const { leaves, roots, width, choose } = options;
  if (leaves > 1) {
    return testTimeBranching({
      leaves,
      roots,
      width,
      choose: choose as LeafRuleName | undefined,
    });
  }
  const [useless] = Object.entries({ roots, width, choose }).filter(
    ([, value]) => value !== undefined,
  );
  if (useless === undefined) return undefined;
  throw new InvalidInputError(`--${useless[0]} needs --leaves: one leaf leaves no choice`, {
    field: '--leaves',
    value: leaves,
    remedy: 'Give --leaves 8, say, for test-time branching.',
  });
}

const asJson = ({ single, branching }: Measured) => ({
  ...single,
  ...wilsonInterval(single.successes),
  ...(branching !== undefined && {
    branching: {
      ...branching.settings,
      ...wilsonInterval(branching.successes),
      successes: branching.successes,
      anySuccesses: branching.anySuccesses,
      leavesPerTask: branching.leavesPerTask,
      tokens: branching.tokens,
      singleTokens: branching.singleTokens,
    },
  }),
});

/**
 * `spark-rl eval`: success of a checkpoint with 95 % intervals, over all games and for each kind of task; with `--leaves`, also of the
 * path that is chosen from a tree that branches where the agent explores.
 */
export async function evalCommand(
  folder: string,
  options: EvalOptions,
  output: Output,
): Promise<number> {
  const temperatures = temperaturesOf(options.temperature);
  const branching = branchingOf(options);
  const manifest = await readManifest(folder);
  const config = parseInput(
    trainConfigSchema,
    manifest.config,
    `${folder}/manifest.json: config`,
    'Restore the manifest from a copy.',
  );
  const checkpoint = await loadCheckpoint(
    openCheckpoints(join(folder, 'checkpoints')),
    options.checkpoint,
    config.model,
  );
  const world = await openWorld(config);
  const split = splitOf(world, options.split);
  const seed = options.seed ?? config.evaluation.seed;
  const tasks = await world.tasks(split, seed, options.episodes);
  const engine = await chooseEngine(options.engine);
  const quiet: Output = { write: () => undefined, interactive: false };
  const bar = startProgress(
    options.json ? quiet : output,
    'measuring',
    temperatures.length * tasks.length,
  );
  try {
    const measured = await withStopSignal(output.write, (signal) =>
      withPolicy(engine, checkpoint.model, options.checkpoint, async (policy) => {
        const done: Measured[] = [];
        for (const temperature of temperatures) {
          const onEpisode = (finished: number): void =>
            bar.update(done.length * tasks.length + finished);
          const episodes = { world, policy, tasks, temperature, config, seed, signal, onEpisode };
          if (branching === undefined) {
            done.push({ single: await evaluatePolicy(episodes) });
          } else {
            const result = await evaluateBranching(episodes, branching);
            done.push({ single: result.single, branching: result });
          }
        }
        return done;
      }),
    );
    bar.stop();
    if (options.json) {
      output.write(`${JSON.stringify(measured.map(asJson), null, 2)}\n`);
      return 0;
    }
    output.write(`\n${options.checkpoint} of ${folder}, ${split}\n`);
    output.write(renderEvaluations(measured));
    return 0;
  } finally {
    bar.stop();
    await engine.dispose();
    await world.close?.();
  }
}
