import {
  InvalidInputError,
  parseInput,
  randomSource,
  throwIfAborted,
  type CreditedTree,
  type Learner,
  type RandomKey,
} from '@spark-rl/core';
import {
  learningRateAt,
  type CompiledProgram,
  type Engine,
  type HostTensor,
  type LanguageModel,
  type Named,
  type ParameterSet,
  type StepReport,
  type TrainingSnapshot,
} from '@spark-rl/tensor';
import { z } from 'zod';

import { grpoLoss, logProbProgram } from './grpo-loss.js';
import { averageReports, describeRows, maxRatioDeviation } from './learning-metrics.js';
import { microBatches, type MicroBatch } from './micro-batches.js';
import { planSteps } from './optimizer-steps.js';
import { grpoOptionsSchema, type GrpoOptions } from './options.js';
import { packTurns } from './packed-rows.js';

/** What a learner is made of. */
export interface GrpoLearnerSettings {
  readonly engine: Engine;
  readonly model: LanguageModel;
  /** Where to start: weights, or a snapshot to continue from. */
  readonly start: Named<HostTensor> | TrainingSnapshot;
  /** The weights that KL pulls towards, such as those of the warm-up; not needed when `klCoefficient` is 0. */
  readonly reference?: Named<HostTensor>;
  /** The temperature that rollouts sample at, above 0. */
  readonly temperature: number;
  readonly options?: GrpoOptions;
  /** Names the order in which rows are trained. Default `['grpo']`. */
  readonly key?: RandomKey;
  /** The version of the starting weights; every `learn` that updates them adds 1. Default 0. */
  readonly version?: number;
}

/** A learner whose weights can be taken out. */
export interface GrpoLearner extends Learner {
  /**
   * One update. `learningRate` replaces the one of the options for this batch: for schedules over something else than optimiser
   * steps, such as the tokens generated so far.
   */
  readonly learn: (
    batch: readonly CreditedTree[],
    options?: { readonly signal?: AbortSignal; readonly learningRate?: number },
  ) => ReturnType<Learner['learn']>;
  /** The version of the weights as they are now, a whole number in words. */
  readonly policyVersion: () => string;
  /** The weights as they are now; the caller disposes of them. */
  readonly parameters: () => ParameterSet;
  /** What to give as `start`, with the same `version`, to go on exactly here. */
  readonly snapshot: () => Promise<TrainingSnapshot>;
  readonly dispose: () => void;
}

const startSchema = z.object({
  temperature: z.number().positive(),
  key: z.array(z.union([z.string(), z.number()])).default(['grpo']),
  version: z.int().min(0).default(0),
});

const isSnapshot = (start: Named<HostTensor> | TrainingSnapshot): start is TrainingSnapshot =>
  'step' in start && typeof start.step === 'number';

function referenceParameters(
  { engine, reference }: GrpoLearnerSettings,
  klCoefficient: number,
): ParameterSet | undefined {
  if (klCoefficient === 0) return undefined;
  if (reference !== undefined) return engine.parameters(reference);
  throw new InvalidInputError('there is no reference to measure the KL divergence from', {
    field: 'reference',
    remedy: 'Give the weights of the reference, or set klCoefficient to 0.',
  });
}

/** The micro-batch that is cheapest to look at. */
const smallest = (batches: readonly MicroBatch[]): MicroBatch =>
  batches.reduce((best, batch) => (batch.paddedTokens < best.paddedTokens ? batch : best));

async function logProbsOf(
  program: CompiledProgram,
  parameters: ParameterSet,
  { forward }: MicroBatch,
): Promise<HostTensor> {
  const { logProbs } = await program.run(parameters, forward);
  return logProbs!;
}

/**
 * Makes a GRPO learner on rollout trees. It packs credited turns into rows, every response in one, and takes one or more AdamW steps on the
 * clipped objective with KL and entropy ({@link grpoLoss}). Old log-probabilities are those recorded at sampling.
 *
 * An abort takes effect before the next optimiser step; the weights then stand between two versions, and a snapshot is still whole.
 *
 * @throws InvalidInputError naming a wrong option; from `learn`, the turn or credit that cannot be trained
 */
export async function grpoLearner(settings: GrpoLearnerSettings): Promise<GrpoLearner> {
  const options = parseInput(grpoOptionsSchema, settings.options ?? {}, 'options of grpoLearner');
  const begin = parseInput(startSchema, settings, 'settings of grpoLearner');
  const { engine, model, start } = settings;
  const reference = referenceParameters(settings, options.klCoefficient);
  const loss = grpoLoss(model, { ...options, temperature: begin.temperature });
  const trainer = await engine.compileTraining(loss, options.optimizer, start);
  const forward = await engine.compile(logProbProgram(model, begin.temperature));
  let version = begin.version;
  let updates = isSnapshot(start) ? start.step : 0;

  const rateAt = (step: number): number =>
    typeof options.learningRate === 'number'
      ? options.learningRate
      : learningRateAt(options.learningRate, step);

  const withReference = async (batch: MicroBatch): Promise<Named<HostTensor>> =>
    reference === undefined
      ? batch.inputs
      : { ...batch.inputs, referenceLogProbs: await logProbsOf(forward, reference, batch) };

  const deviationNow = async (batch: MicroBatch): Promise<number> => {
    const parameters = trainer.parameters();
    try {
      const now = await logProbsOf(forward, parameters, batch);
      return maxRatioDeviation(now.data, batch.inputs['oldLogProbs']!.data, batch.targetCount);
    } finally {
      parameters.dispose();
    }
  };

  const learn: GrpoLearner['learn'] = async (trees, { signal, learningRate } = {}) => {
    throwIfAborted(signal);
    const rows = packTurns(trees, options);
    const random = randomSource([...begin.key, 'steps', version]);
    const reports: StepReport[] = [];
    let [deviation, paddedTokens, rate] = [0, 0, 0];
    for (const [i, step] of planSteps(rows, options, random).entries()) {
      throwIfAborted(signal);
      const batches = microBatches(model, step, options.tokenBudget);
      if (i === 0) deviation = await deviationNow(smallest(batches));
      const inputs: Named<HostTensor>[] = [];
      for (const batch of batches) inputs.push(await withReference(batch));
      rate = learningRate ?? rateAt(updates + 1);
      const report = await trainer.step(inputs, { learningRate: rate });
      if (report.applied) updates += 1;
      reports.push(report);
      paddedTokens += batches.reduce((sum, batch) => sum + batch.paddedTokens, 0);
    }
    if (reports.some((report) => report.applied)) version += 1;
    return {
      policyVersion: String(version),
      metrics: {
        ...averageReports(reports),
        ...describeRows(rows),
        paddedTokens,
        learningRate: rate,
        maxRatioDeviation: deviation,
      },
    };
  };

  return {
    learn,
    policyVersion: () => String(version),
    parameters: trainer.parameters,
    snapshot: trainer.snapshot,
    dispose: () => {
      trainer.dispose();
      forward.dispose();
      reference?.dispose();
    },
  };
}
