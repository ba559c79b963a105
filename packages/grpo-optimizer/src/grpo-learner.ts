import {
  parseInput,
  randomSource,
  throwIfAborted,
  type CreditedTree,
  type Learner,
  type LearningMetrics,
  type RandomKey,
  type RandomSource,
} from '@spark-rl/core';
import {
  learningRateAt,
  type Engine,
  type HostTensor,
  type LanguageModel,
  type Named,
  type ParameterSet,
  type StepReport,
  type TrainingSnapshot,
} from '@spark-rl/tensor';
import { z } from 'zod';

import { adjustRows, driftMetrics, logRatios } from './adjust-rows.js';
import { samplerDrift } from './correction/importance-correction.js';
import { checkTemperature } from './correction/sampling-temperature.js';
import { withholdStale } from './correction/withhold-stale.js';
import { grpoLoss } from './grpo-loss.js';
import { averageReports, describeRows, perUnitWeight } from './learning-metrics.js';
import { microBatches, totalWeight, type MicroBatch } from './micro-batches.js';
import { planSteps } from './optimizer-steps.js';
import { grpoOptionsSchema, type GrpoOptions } from './options.js';
import { packCopies } from './packed-copies.js';
import { packTurns, type PackedRow } from './packed-rows.js';
import { referencePolicy } from './reference-policy.js';
import { programOf } from './row-batches.js';
import { scoreRows } from './score-rows.js';
import { logProbProgram } from './target-log-probs.js';
import { checkTokens } from './trainable-turns.js';
import { trainingRow, type TrainingRow } from './training-rows.js';

/** What a learner is made of. */
export interface GrpoLearnerSettings {
  readonly engine: Engine;
  readonly model: LanguageModel;
  /** Where to start: weights, or a snapshot to continue from. */
  readonly start: Named<HostTensor> | TrainingSnapshot;
  /**
   * The weights that KL pulls towards, such as those of the warm-up; not needed when `klCoefficient` is 0. With `referenceDecay` they move:
   * to go on exactly, give what `reference()` returned.
   */
  readonly reference?: Named<HostTensor>;
  /** The temperature that rollouts sample at, above 0; trees that say another one are refused unless there is an importance correction. */
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
  /** The weights of the reference as they are now; undefined where there is none. */
  readonly reference: () => Named<HostTensor> | undefined;
  readonly dispose: () => void;
}

const startSchema = z.object({
  temperature: z.number().positive(),
  key: z.array(z.union([z.string(), z.number()])).default(['grpo']),
  version: z.int().min(0).default(0),
});

const isSnapshot = (start: Named<HostTensor> | TrainingSnapshot): start is TrainingSnapshot =>
  'step' in start && typeof start.step === 'number';

/** The micro-batch that is cheapest to look at. */
const smallest = (batches: readonly MicroBatch[]): MicroBatch =>
  batches.reduce((best, batch) => (batch.paddedTokens < best.paddedTokens ? batch : best));

/** Lays values of rows out as a micro-batch has its targets. */
function alignedTo(batch: MicroBatch, valuesOf: ReadonlyMap<PackedRow, Float32Array>): HostTensor {
  const data = new Float32Array(batch.inputs['oldLogProbs']!.data.length);
  let at = 0;
  for (const { row } of batch.rows) {
    data.set(valuesOf.get(row)!, at);
    at += row.targets.length;
  }
  return { dtype: 'float32', shape: [data.length], data };
}

/**
 * Makes a GRPO learner on rollout trees. It packs credited turns into rows, every response in one, and takes one or more AdamW steps on the
 * objective with KL and entropy ({@link grpoLoss}), over one or more epochs. Old log-probabilities are those recorded at sampling; with an
 * importance correction, the learner's own before its first step.
 *
 * An abort takes effect before the next optimiser step; the weights then stand between two versions, and a snapshot is still whole.
 *
 * @throws InvalidInputError naming a wrong option; from `learn`, the turn or credit that cannot be trained
 */
export async function grpoLearner(settings: GrpoLearnerSettings): Promise<GrpoLearner> {
  const options = parseInput(grpoOptionsSchema, settings.options ?? {}, 'options of grpoLearner');
  const begin = parseInput(startSchema, settings, 'settings of grpoLearner');
  const { engine, model, start } = settings;
  const { klCoefficient, klIn, epochs, targetKl, maxStaleness, sharedTurns } = options;
  const program = programOf(model, options.packing);
  const forward = await engine.compile(
    logProbProgram(program, begin.temperature, { entropies: options.entropyShare < 1 }),
  );
  const reference = referencePolicy(settings, forward, options);
  const inLoss = klIn === 'loss' ? klCoefficient : 0;
  const { temperature } = begin;
  const loss = grpoLoss(program, { ...options, klCoefficient: inLoss, temperature });
  const trainer = await engine.compileTraining(loss, options.optimizer, start);
  let version = begin.version;
  let updates = isSnapshot(start) ? start.step : 0;

  const rateAt = (step: number): number =>
    typeof options.learningRate === 'number'
      ? options.learningRate
      : learningRateAt(options.learningRate, step);

  const withParameters = async <Result>(
    use: (parameters: ParameterSet) => Promise<Result>,
  ): Promise<Result> => {
    const parameters = trainer.parameters();
    try {
      return await use(parameters);
    } finally {
      parameters.dispose();
    }
  };

  /** The rows of credited trees, and how many turns were too old. */
  const pack = (
    trees: readonly CreditedTree[],
  ): { readonly packed: readonly PackedRow[]; readonly metrics: LearningMetrics } => {
    const fresh =
      maxStaleness === undefined
        ? { trees, metrics: {} }
        : withholdStale(trees, maxStaleness, version);
    const { skipZeroAdvantages, ratio } = options;
    const packed =
      sharedTurns === 'once'
        ? packTurns(fresh.trees, { skipZeroAdvantages })
        : packCopies(fresh.trees, { skipZeroAdvantages, wholePaths: ratio === 'path' });
    return { packed, metrics: fresh.metrics };
  };

  /** Rows with all that the loss reads, from forward passes over all of them where the options need those. */
  const prepare = async (
    packed: readonly PackedRow[],
  ): Promise<{ readonly rows: readonly TrainingRow[]; readonly metrics: LearningMetrics }> => {
    const scored = options.importanceCorrection !== undefined || options.entropyShare < 1;
    const penalised = reference !== undefined && klIn === 'reward';
    if (!scored && !penalised) return { rows: packed.map((row) => trainingRow(row)), metrics: {} };
    const learner = scored
      ? await withParameters((now) => scoreRows(forward, now, model, packed, options))
      : undefined;
    const far = penalised ? await reference.ofRows(packed) : undefined;
    return adjustRows(packed, { learner, reference: far }, options);
  };

  /** How far the learner is from the sampler, in one micro-batch. */
  const probe = async (batch: MicroBatch): Promise<LearningMetrics> => {
    const { logProbs } = await withParameters((now) => forward.run(now, batch.forward));
    let at = 0;
    const ratios = batch.rows.flatMap(({ row }) => {
      const end = at + row.targets.length;
      const found = logRatios(row, logProbs!.data.subarray(at, end));
      at = end;
      return found;
    });
    return driftMetrics(samplerDrift(ratios));
  };

  const learn: GrpoLearner['learn'] = async (trees, { signal, learningRate } = {}) => {
    throwIfAborted(signal);
    const corrected = options.importanceCorrection !== undefined;
    for (const credited of trees) {
      checkTemperature(credited.tree, temperature, corrected);
      checkTokens(credited, model.vocabularySize);
    }
    const { packed, metrics: staleness } = pack(trees);
    const { rows, metrics: adjustments } = await prepare(packed);
    const byRow = new Map(rows.map((each) => [each.row, each]));
    // One epoch reads the reference once as it goes; several keep what they read.
    const kept =
      inLoss > 0 && epochs > 1 && packed.length > 0 ? await reference!.ofRows(packed) : undefined;
    const reports: StepReport[] = [];
    let drift: LearningMetrics = driftMetrics(samplerDrift([]));
    let [paddedTokens, rate, stopped] = [0, 0, false];

    const step = async (planned: readonly PackedRow[]): Promise<void> => {
      throwIfAborted(signal);
      const training = planned.map((row) => byRow.get(row)!);
      const batches = microBatches(model, training, options);
      if (reports.length === 0 && adjustments['maxRatioDeviation'] === undefined)
        drift = await probe(smallest(batches));
      const inputs: Named<HostTensor>[] = [];
      for (const batch of batches) {
        if (inLoss === 0) inputs.push(batch.inputs);
        else {
          const referenceLogProbs =
            kept === undefined ? await reference!.ofBatch(batch) : alignedTo(batch, kept);
          inputs.push({ ...batch.inputs, referenceLogProbs });
        }
      }
      rate = learningRate ?? rateAt(updates + 1);
      const report = perUnitWeight(
        await trainer.step(inputs, { learningRate: rate }),
        totalWeight(training, options),
      );
      if (report.applied) updates += 1;
      reports.push(report);
      paddedTokens += batches.reduce((sum, batch) => sum + batch.paddedTokens, 0);
      stopped = targetKl !== undefined && report.metrics['policyKl']! > targetKl;
    };

    const randomOf = (epoch: number): RandomSource =>
      randomSource([...begin.key, 'steps', version, ...(epoch === 0 ? [] : ['epoch', epoch])]);
    for (let epoch = 0; epoch < epochs && !stopped; epoch++) {
      for (const planned of planSteps(packed, options, randomOf(epoch))) {
        await step(planned);
        if (stopped) break;
      }
    }
    if (reports.some((report) => report.applied)) {
      version += 1;
      const { referenceDecay } = options;
      if (referenceDecay !== undefined)
        await withParameters((now) => reference!.follow(now, referenceDecay));
    }
    return {
      policyVersion: String(version),
      metrics: {
        ...averageReports(reports),
        ...describeRows(packed),
        ...staleness,
        ...drift,
        ...adjustments,
        paddedTokens,
        learningRate: rate,
        ...(targetKl !== undefined && { stoppedEarly: Number(stopped) }),
      },
    };
  };

  return {
    learn,
    policyVersion: () => String(version),
    parameters: trainer.parameters,
    snapshot: trainer.snapshot,
    reference: () => reference?.weights(),
    dispose: () => {
      trainer.dispose();
      forward.dispose();
      reference?.dispose();
    },
  };
}
