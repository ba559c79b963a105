import { InvalidInputError, parseInput, type RandomKey } from '@spark-rl/core';
import {
  alignToTargets,
  batchSequences,
  type Engine,
  type HostTensor,
  type LanguageModel,
  type Named,
  type SequenceRow,
  type TrainingSnapshot,
} from '@spark-rl/tensor';
import { z } from 'zod';

import { crossEntropyLoss } from './cross-entropy.js';
import { sftOptionsSchema, type SftOptions } from './options.js';
import { planBatches } from './training-plan.js';
import {
  isSnapshot,
  trainingSteps,
  type StepProgress,
  type TrainingSteps,
} from './training-steps.js';

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
export interface SftProgress extends StepProgress {
  /** Mean cross-entropy of the step's targets, nats. */
  readonly loss: number;
  /** The share of them that the model found likeliest. */
  readonly accuracy: number;
  readonly gradientNorm: number;
  /** False when the gradient was not finite and the weights were left as they are. */
  readonly applied: boolean;
  /** Tokens of rows seen since the training began, responses and prompts. */
  readonly tokens: number;
}

/** A supervised training in progress. */
export type SftTrainer = TrainingSteps<SftProgress>;

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
  const trainer = await engine.compileTraining(crossEntropyLoss(model), options.optimizer, start);
  const tokensOf = (batch: readonly number[]): number =>
    batch.reduce((sum, row) => sum + rows[row]!.tokens.length, 0);
  const done = settings.stepsDone ?? (isSnapshot(start) ? start.step : 0);
  let tokens = plan.slice(0, done).reduce((sum, batch) => sum + tokensOf(batch), 0);
  return trainingSteps<SftProgress>({
    plan,
    done,
    learningRate: options.learningRate,
    warmupShare: options.warmupShare,
    finalRateShare: options.finalRateShare,
    trainer,
    inputsOf: (batch) =>
      microBatches(
        model,
        batch.map((row) => rows[row]!),
        options.tokenBudget,
      ),
    progressOf: ({ loss, metrics, gradientNorm, applied }, at, batch) => {
      tokens += tokensOf(batch);
      return { ...at, loss, accuracy: metrics['accuracy'] ?? 0, gradientNorm, applied, tokens };
    },
  });
}
