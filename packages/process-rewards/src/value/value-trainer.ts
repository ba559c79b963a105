import {
  InvalidInputError,
  parseInput,
  randomSource,
  throwIfAborted,
  type RandomKey,
} from '@spark-rl/core';
import {
  learningRateAt,
  type Engine,
  type HostTensor,
  type LearningRateSchedule,
  type Named,
  type ParameterSet,
  type TrainingSnapshot,
  type ValueModel,
} from '@spark-rl/tensor';
import { z } from 'zod';

import { holdOut } from './held-out.js';
import { valueBatches } from './value-batches.js';
import type { ValueExample } from './value-examples.js';
import { valueLoss } from './value-loss.js';
import { measureValues, type ValueMetrics } from './value-metrics.js';
import { valueTrainerOptionsSchema, type ValueTrainerOptions } from './value-options.js';
import { valueReader } from './value-reader.js';

/** What a trainer of values is made of. */
export interface ValueTrainerSettings {
  readonly engine: Engine;
  readonly model: ValueModel;
  /** Where to start: weights, or a snapshot to continue the same training from. */
  readonly start: Named<HostTensor> | TrainingSnapshot;
  /** How many steps were done before; by default as many as the snapshot has updates. Needed where a step was not applied. */
  readonly stepsDone?: number | undefined;
  /** What to train on and, a share of the tasks, to measure with: see `valueExamples`. */
  readonly examples: readonly ValueExample[];
  readonly options?: ValueTrainerOptions;
  /** Names the order of the turns and which tasks are held out. Default `['value']`. */
  readonly key?: RandomKey;
}

/** One optimiser step. */
export interface ValueProgress {
  /** Steps done, this one included. */
  readonly step: number;
  readonly totalSteps: number;
  readonly learningRate: number;
  /** Mean binary cross-entropy of the step's turns before the update, nats. */
  readonly loss: number;
  readonly gradientNorm: number;
  /** False when the gradient was not finite and the weights were left as they are. */
  readonly applied: boolean;
}

/** A training of values in progress. */
export interface ValueTrainer {
  readonly totalSteps: number;
  /**
   * Trains to the end, or for at most `steps` steps; call it again to go on.
   *
   * @returns the last step; null when there was nothing left to do
   * @throws AbortedError before the step that comes after an abort; the weights stay usable
   */
  readonly train: (options?: {
    readonly steps?: number;
    readonly signal?: AbortSignal | undefined;
    /** Told of every step, and waited for. */
    readonly onStep?: (progress: ValueProgress) => void | Promise<void>;
  }) => Promise<ValueProgress | null>;
  /** Measures the weights as they are now on the tasks that are held out. */
  readonly evaluate: (options?: {
    readonly signal?: AbortSignal | undefined;
  }) => Promise<ValueMetrics>;
  /** The weights as they are now; the caller disposes of them. */
  readonly parameters: () => ParameterSet;
  /** What to give as `start`, with the same examples, options and key, to go on exactly here. */
  readonly snapshot: () => Promise<TrainingSnapshot>;
  readonly dispose: () => void;
}

const isSnapshot = (start: Named<HostTensor> | TrainingSnapshot): start is TrainingSnapshot =>
  'step' in start && typeof start.step === 'number';

const nameOf =
  (examples: readonly ValueExample[]) =>
  (row: number): string =>
    `turn ${examples[row]!.node} of tree ${examples[row]!.tree}`;

/** Refuses what nothing can be learnt from. */
function checkExamples(examples: readonly ValueExample[]): void {
  if (examples.length === 0) {
    throw new InvalidInputError('there is no turn to train on', {
      field: 'examples',
      remedy: 'Give trees that have turns with completed leaves below them.',
    });
  }
  for (const [row, { target, weight }] of examples.entries()) {
    if (target >= 0 && target <= 1 && weight > 0 && weight < Infinity) continue;
    throw new InvalidInputError(
      `${nameOf(examples)(row)} has target ${target} and weight ${weight}`,
      { field: 'examples', value: target, remedy: 'Give a target in [0, 1], a weight above 0.' },
    );
  }
}

/** The turns of each step: every epoch goes through all of them in an order of its own. */
function planSteps(count: number, epochs: number, batchTurns: number, key: RandomKey): number[][] {
  return Array.from({ length: epochs }, (_, epoch) => {
    const all = Array.from({ length: count }, (__, i) => i);
    const order = randomSource([...key, 'epoch', epoch]).shuffle(all);
    return Array.from({ length: Math.ceil(count / batchTurns) }, (__, i) =>
      order.slice(i * batchTurns, (i + 1) * batchTurns),
    );
  }).flat();
}

/** One step's turns as micro-batches whose weights sum to 1. */
function microBatches(
  model: ValueModel,
  examples: readonly ValueExample[],
  batchTokens: number,
): Named<HostTensor>[] {
  const total = examples.reduce((sum, { weight }) => sum + weight, 0);
  const rows = examples.map(({ tokens }) => tokens);
  return valueBatches(model, rows, batchTokens, nameOf(examples)).map((batch) => {
    const aligned = (valueOf: (example: ValueExample) => number): HostTensor => {
      const data = new Float32Array(batch.places);
      data.set(batch.rows.map((row) => valueOf(examples[row]!)));
      return { dtype: 'float32', shape: [batch.places], data };
    };
    const target = aligned((example) => example.target);
    return { ...batch.inputs, target, weight: aligned(({ weight }) => weight / total) };
  });
}

const stepsDoneSchema = z.int().min(0).optional();

/**
 * Trains a model of values on turns by binary cross-entropy (see {@link valueLoss}): AdamW, a learning rate that rises over the first
 * `warmupShare` of the steps and falls along half a cosine. What the model calls frozen stays as it is. The turns of a share of the tasks are
 * held out: `evaluate` measures on them.
 *
 * @throws InvalidInputError naming a wrong option or the turn that cannot be trained, or when there is none
 */
export async function valueTrainer(settings: ValueTrainerSettings): Promise<ValueTrainer> {
  const given = settings.options ?? {};
  const options = parseInput(valueTrainerOptionsSchema, given, 'options of valueTrainer');
  const { engine, model, start, examples, key = ['value'] } = settings;
  parseInput(stepsDoneSchema, settings.stepsDone, 'stepsDone of valueTrainer');
  checkExamples(examples);
  const { trained, heldOut } = holdOut(examples, options.heldOutShare, key);
  const plan = planSteps(trained.length, options.epochs, options.batchTurns, key);
  const schedule: LearningRateSchedule = {
    kind: 'cosine',
    peakRate: options.learningRate,
    finalRate: options.learningRate * options.finalRateShare,
    warmupSteps: Math.round(options.warmupShare * plan.length),
    // The end of the cosine lies one step after the last, which would otherwise teach nothing.
    totalSteps: plan.length + 1,
  };
  const trainer = await engine.compileTraining(valueLoss(model), options.optimizer, start);
  const reader = valueReader(engine, model, options.batchTokens);
  let done = settings.stepsDone ?? (isSnapshot(start) ? start.step : 0);

  const trainStep = async (batch: readonly number[]): Promise<ValueProgress> => {
    const learningRate = learningRateAt(schedule, done + 1);
    const turns = batch.map((i) => trained[i]!);
    const inputs = microBatches(model, turns, options.batchTokens);
    const { loss, gradientNorm, applied } = await trainer.step(inputs, { learningRate });
    done += 1;
    return { step: done, totalSteps: plan.length, learningRate, loss, gradientNorm, applied };
  };

  return {
    totalSteps: plan.length,
    train: async ({ steps = Infinity, signal, onStep } = {}) => {
      let last: ValueProgress | null = null;
      for (const batch of plan.slice(done, done + steps)) {
        throwIfAborted(signal);
        last = await trainStep(batch);
        await onStep?.(last);
      }
      return last;
    },
    evaluate: async ({ signal } = {}) => {
      const parameters = trainer.parameters();
      try {
        const rows = heldOut.map(({ tokens }) => tokens);
        const read = await reader.read(parameters, rows, { nameOf: nameOf(heldOut), signal });
        const targets = heldOut.map(({ target }) => target);
        return measureValues(read, targets);
      } finally {
        parameters.dispose();
      }
    },
    parameters: trainer.parameters,
    snapshot: trainer.snapshot,
    dispose: () => {
      reader.dispose();
      trainer.dispose();
    },
  };
}
