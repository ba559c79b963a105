import { InvalidInputError, parseInput, throwIfAborted, type RandomKey } from '@spark-rl/core';
import {
  alignToTargets,
  batchSequences,
  learningRateAt,
  type Engine,
  type HostTensor,
  type LanguageModel,
  type LearningRateSchedule,
  type Named,
  type ParameterSet,
  type SequenceRow,
  type TrainingSnapshot,
} from '@spark-rl/tensor';
import { z } from 'zod';

import { crossEntropyLoss } from './cross-entropy.js';
import { sftOptionsSchema, type SftOptions } from './options.js';
import { planBatches } from './training-plan.js';

/** What a supervised trainer is made of. */
export interface SftTrainerSettings {
  readonly engine: Engine;
  readonly model: LanguageModel;
  /** Where to start: weights, or a snapshot to continue the same training from. */
  readonly start: Named<HostTensor> | TrainingSnapshot;
  /**
   * How many steps were done before, those included that were not applied; by default as many as the snapshot has updates. Needed to go on
   * from a snapshot exactly where a step was not applied.
   */
  readonly stepsDone?: number | undefined;
  /** What to train on, such as the rows of `expertExamples`. */
  readonly rows: readonly SequenceRow[];
  readonly options?: SftOptions;
  /** Names the order of the rows. Default `['sft']`. */
  readonly key?: RandomKey;
}

/** One optimiser step. */
export interface SftProgress {
  /** Steps done, this one included. */
  readonly step: number;
  readonly totalSteps: number;
  /** Mean cross-entropy of the step's targets, nats. */
  readonly loss: number;
  /** The share of them that the model found likeliest. */
  readonly accuracy: number;
  readonly learningRate: number;
  readonly gradientNorm: number;
  /** False when the gradient was not finite and the weights were left as they are. */
  readonly applied: boolean;
  /** Tokens of rows seen since the training began, responses and prompts. */
  readonly tokens: number;
}

/** A supervised training in progress. */
export interface SftTrainer {
  readonly totalSteps: number;
  /**
   * Trains to the end, or for at most `steps` steps; call it again to go on.
   *
   * @param options.onStep - told of every step, and waited for
   * @returns the last step; null when there was nothing left to do
   * @throws AbortedError before the step that comes after an abort; the weights stay usable
   */
  readonly train: (options?: {
    readonly steps?: number;
    readonly signal?: AbortSignal;
    readonly onStep?: (progress: SftProgress) => void | Promise<void>;
  }) => Promise<SftProgress | null>;
  /** The weights as they are now; the caller disposes of them. */
  readonly parameters: () => ParameterSet;
  /** What to give as `start`, with the same rows, options and key (and `stepsDone` where steps were skipped), to go on exactly here. */
  readonly snapshot: () => Promise<TrainingSnapshot>;
  readonly dispose: () => void;
}

function microBatches(
  model: LanguageModel,
  rows: readonly SequenceRow[],
  tokenBudget: number,
): Named<HostTensor>[] {
  const total = rows.reduce((sum, { targets }) => sum + targets.length, 0);
  const { contextLength } = model;
  return batchSequences(rows, { tokenBudget, contextLength }).map((batch) => {
    const shape = [batch.positions.length];
    const weight = alignToTargets(batch, (row) =>
      new Float32Array(rows[row]!.targets.length).fill(1 / total),
    );
    return {
      ...model.prepare(batch.tokens, batch.batch, batch.time),
      targetPositions: { dtype: 'int32', shape, data: batch.positions },
      targetTokens: { dtype: 'int32', shape, data: batch.targetTokens },
      weight: { dtype: 'float32', shape, data: weight },
    };
  });
}

const isSnapshot = (start: Named<HostTensor> | TrainingSnapshot): start is TrainingSnapshot =>
  'step' in start && typeof start.step === 'number';

const stepsDoneSchema = z.int().min(0).optional();

/**
 * Trains a language model on token rows by cross-entropy at their targets: AdamW, a learning rate that rises over the first `warmupShare`
 * of the steps and falls along half a cosine, gradients clipped.
 *
 * @throws InvalidInputError naming a wrong option, or when there are no rows
 */
export async function sftTrainer(settings: SftTrainerSettings): Promise<SftTrainer> {
  const options = parseInput(sftOptionsSchema, settings.options ?? {}, 'options of sftTrainer');
  const { engine, model, start, rows, key = ['sft'] } = settings;
  parseInput(stepsDoneSchema, settings.stepsDone, 'stepsDone of sftTrainer');
  if (rows.length === 0 || rows.some(({ targets }) => targets.length === 0)) {
    throw new InvalidInputError('there is nothing to train on in some row, or no row at all', {
      field: 'rows',
      value: rows.length,
      remedy: 'Give at least one row, each with at least one target.',
    });
  }
  const plan = planBatches(rows, options, key);
  const schedule: LearningRateSchedule = {
    kind: 'cosine',
    peakRate: options.learningRate,
    finalRate: options.learningRate * options.finalRateShare,
    warmupSteps: Math.round(options.warmupShare * plan.length),
    // The end of the cosine lies one step after the last, which would otherwise teach nothing.
    totalSteps: plan.length + 1,
  };
  const trainer = await engine.compileTraining(crossEntropyLoss(model), options.optimizer, start);
  const tokensOf = (batch: readonly number[]): number =>
    batch.reduce((sum, row) => sum + rows[row]!.tokens.length, 0);
  let done = settings.stepsDone ?? (isSnapshot(start) ? start.step : 0);
  let tokens = plan.slice(0, done).reduce((sum, batch) => sum + tokensOf(batch), 0);

  const trainStep = async (batch: readonly number[]): Promise<SftProgress> => {
    const learningRate = learningRateAt(schedule, done + 1);
    const inputs = microBatches(
      model,
      batch.map((row) => rows[row]!),
      options.tokenBudget,
    );
    const { loss, metrics, gradientNorm, applied } = await trainer.step(inputs, { learningRate });
    done += 1;
    tokens += tokensOf(batch);
    const accuracy = metrics['accuracy'] ?? 0;
    const totalSteps = plan.length;
    return { step: done, totalSteps, loss, accuracy, learningRate, gradientNorm, applied, tokens };
  };

  return {
    totalSteps: plan.length,
    train: async ({ steps = Infinity, signal, onStep } = {}) => {
      let last: SftProgress | null = null;
      for (const batch of plan.slice(done, done + steps)) {
        throwIfAborted(signal);
        last = await trainStep(batch);
        await onStep?.(last);
      }
      return last;
    },
    parameters: trainer.parameters,
    snapshot: trainer.snapshot,
    dispose: trainer.dispose,
  };
}
