import { basename } from 'node:path';

import { configHash, readMetrics } from '@spark-rl/run-store';
import type { Engine } from '@spark-rl/tensor';

import { configureFrom } from '../config/presets.js';
import type { TrainConfig } from '../config/schema.js';
import type { Output } from '../output/progress.js';
import { readEvaluation, writeEvaluation } from '../pipeline/evaluation-file.js';
import { reinforce } from '../pipeline/reinforce.js';
import type { RunContext } from '../pipeline/run-context.js';
import { evaluateCheckpoint } from '../pipeline/train-run.js';
import { warmUp } from '../pipeline/warm-up.js';
import { openWorld } from '../worlds/world.js';
import { variantRun, type BaseRun } from './base-run.js';
import type { ComparedRun, ComparedStep } from './result.js';
import type { Variant } from './variants.js';

/** The name of the variant that spends its time on more warm-up instead of reinforcement. */
export const LONGER_WARM_UP = 'longer-warmup';

/** What all runs of a comparison share. */
export interface ComparisonContext {
  /** Where its runs are. */
  readonly root: string;
  readonly engine: Engine;
  readonly output: Output;
  readonly signal: AbortSignal;
}

/** So that the token budget ends a run, whatever its steps hold. */
const STEPS_ENOUGH = 10_000;

async function stepsOf(folder: string): Promise<readonly ComparedStep[]> {
  let tokens = 0;
  return (await readMetrics(folder))
    .filter(({ phase }) => phase === 'reinforce')
    .map((row) => {
      tokens += Number(row['rollout/tokens_generated']);
      return {
        tokens,
        success: Number(row['rollout/success']),
        explore: Number(row['explore/share']),
        repeated: Number(row['tree/repeated_action_ratio']),
        leaves: Number(row['tree/leaves']),
      };
    });
}

/** Does some work in a run of the comparison, which is gone on with where it was interrupted. */
async function within<Value>(
  base: BaseRun,
  { root, ...shared }: ComparisonContext,
  variant: string,
  config: TrainConfig,
  work: (context: RunContext) => Promise<Value>,
): Promise<Value> {
  const run = await variantRun(base.manifest, root, `${base.manifest.id}+${variant}`, config);
  const world = await openWorld(config);
  try {
    return await work({ ...shared, run, config, world });
  } finally {
    await world.close?.();
    await run.close();
  }
}

/** The configuration of a variant: the base's, the variant's settings, and the budget that all have. */
export function variantConfig(
  base: Pick<BaseRun, 'config' | 'final'>,
  { settings }: Variant,
  tokens: number | undefined,
): TrainConfig {
  const budget =
    tokens ?? base.final?.checkpoint.progress.generatedTokens ?? base.config.reinforcement.tokens;
  return configureFrom(base.config, [
    ...settings,
    `reinforcement.tokens=${budget}`,
    `reinforcement.maxSteps=${STEPS_ENOUGH}`,
  ]);
}

/** Whether the base was itself trained as a variant says, so that it need not be done again. */
const isBaseItself = (base: BaseRun, variant: Variant, tokens: number | undefined): boolean =>
  base.final !== undefined &&
  tokens === undefined &&
  configHash(configureFrom(base.config, variant.settings)) === configHash(base.config);

/** Trains a variant from the warm-up of a base, or reads what was done of it before. */
export async function runVariant(
  base: BaseRun,
  variant: Variant,
  tokens: number | undefined,
  context: ComparisonContext,
): Promise<ComparedRun> {
  const common = { seed: base.config.seed, variant: variant.name, label: variant.label };
  if (isBaseItself(base, variant, tokens)) {
    const { checkpoint, evaluation } = base.final!;
    return {
      ...common,
      evaluation,
      tokens: checkpoint.progress.generatedTokens,
      chainTokens: checkpoint.progress.chainEquivalentTokens,
      seconds: checkpoint.progress.reinforceSeconds,
      steps: await stepsOf(base.folder),
    };
  }
  const config = variantConfig(base, variant, tokens);
  return within(base, context, variant.name, config, async (run) => {
    context.output.write(`\n${basename(run.run.folder)}: ${variant.label}\n`);
    if ((await readEvaluation(run.run, 'warmup')) === undefined)
      await writeEvaluation(run.run, 'warmup', base.warmEvaluation);
    const final = await reinforce(run, base.warm);
    const { generatedTokens, chainEquivalentTokens, reinforceSeconds } = final.progress;
    return {
      ...common,
      evaluation: await evaluateCheckpoint(run, 'final', final),
      tokens: generatedTokens,
      chainTokens: chainEquivalentTokens,
      seconds: reinforceSeconds,
      steps: await stepsOf(run.run.folder),
    };
  });
}

/** Warms up for as long as the base's warm-up and the reinforcement of `like` took together: what reinforcement has to beat. */
export async function runLongerWarmUp(
  base: BaseRun,
  like: ComparedRun,
  context: ComparisonContext,
): Promise<ComparedRun> {
  const { warmup } = base.config;
  // Only training grows with the tokens; games, tokenizer and compilation are paid for once.
  const scale = 1 + like.seconds / base.warm.progress.warmupTrainingSeconds;
  const config = {
    ...base.config,
    warmup: {
      ...warmup,
      epochs: null,
      tokens: Math.round(
        (warmup.epochs === null ? warmup.tokens : base.warm.progress.warmupTokens) * scale,
      ),
    },
  };
  return within(base, context, LONGER_WARM_UP, config, async (run) => {
    context.output.write(`\n${basename(run.run.folder)}: more warm-up in equal time\n`);
    const warm = await warmUp(run);
    return {
      seed: base.config.seed,
      variant: LONGER_WARM_UP,
      label: 'more warm-up, equal time',
      evaluation: await evaluateCheckpoint(run, 'warmup', warm),
      tokens: 0,
      chainTokens: 0,
      seconds: warm.progress.warmupSeconds - base.warm.progress.warmupSeconds,
      steps: [],
    };
  });
}
