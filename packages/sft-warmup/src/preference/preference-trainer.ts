import { InvalidInputError, parseInput, type RandomKey } from '@spark-rl/core';
import {
  adamWOptionsSchema,
  type Engine,
  type HostTensor,
  type LanguageModel,
  type Named,
  type TrainingSnapshot,
} from '@spark-rl/tensor';
import { z } from 'zod';

import { planBatches } from '../training-plan.js';
import {
  isSnapshot,
  trainingSteps,
  type StepProgress,
  type TrainingSteps,
} from '../training-steps.js';
import { dpoLoss } from './dpo-loss.js';
import { pairMicroBatches, pairRows, type PairReference } from './pair-batches.js';
import type { PreferencePair } from './preference-pair.js';
import { referenceLogProbs } from './reference-log-probs.js';

/** The schema of {@link DpoOptions}. */
export const dpoOptionsSchema = z.strictObject({
  beta: z.number().positive().default(0.1),
  labelSmoothing: z.number().min(0).lt(0.5).default(0),
  learningRate: z.number().min(0).default(1e-6),
  warmupShare: z.number().min(0).max(0.9).default(0.1),
  finalRateShare: z.number().min(0).max(1).default(0),
  epochs: z.int().min(1).default(3),
  batchPairs: z.int().min(1).default(32),
  tokenBudget: z.int().min(1).default(8192),
  optimizer: adamWOptionsSchema.prefault({ beta2: 0.95 }),
});

/** The settings of a preference trainer; every one has a default. */
export type DpoOptions = z.input<typeof dpoOptionsSchema>;

/** What a preference trainer is made of. */
export interface PreferenceTrainerSettings {
  readonly engine: Engine;
  readonly model: LanguageModel;
  /** Where to start: weights, or a snapshot to continue the same training from. */
  readonly start: Named<HostTensor> | TrainingSnapshot;
  readonly pairs: readonly PreferencePair[];
  /**
   * The weights that the policy is held to, or their log-probabilities of the pairs, computed before. Default: where training starts. A
   * training that goes on from a snapshot needs one: its weights have moved already.
   */
  readonly reference?: Named<HostTensor> | readonly PairReference[];
  /** How many steps were done before; by default as many as the snapshot has updates. */
  readonly stepsDone?: number | undefined;
  readonly options?: DpoOptions;
  /** Names the order of the pairs. Default `['dpo']`. */
  readonly key?: RandomKey;
}

/** One optimiser step; means are over its pairs. */
export interface DpoProgress extends StepProgress {
  readonly loss: number;
  /** The share of pairs that the policy, beside the reference, has the right way round. */
  readonly accuracy: number;
  /** The mean difference of the implicit rewards, beta (log p - log ref). */
  readonly margin: number;
  readonly chosenReward: number;
  readonly rejectedReward: number;
  readonly gradientNorm: number;
  readonly applied: boolean;
}

function checkPairs(pairs: readonly PreferencePair[]): void {
  const empty = pairs.findIndex(
    ({ chosen, rejected }) =>
      chosen.length === 0 ||
      rejected.length === 0 ||
      [...chosen, ...rejected].some(({ targets }) => targets.length === 0),
  );
  if (pairs.length > 0 && empty < 0) return;
  throw new InvalidInputError(
    pairs.length === 0
      ? 'there are no pairs to train on'
      : `pair ${empty} has a side with nothing to train`,
    {
      field: 'pairs',
      value: pairs.length === 0 ? 0 : empty,
      remedy: 'Give at least one pair; both sides need rows, and every row a target.',
    },
  );
}

async function referencesOf(
  settings: PreferenceTrainerSettings,
  tokenBudget: number,
): Promise<readonly PairReference[]> {
  const { engine, model, start, pairs, reference } = settings;
  if (Array.isArray(reference)) {
    const given = reference as readonly PairReference[];
    if (given.length === pairs.length) return given;
    throw new InvalidInputError(
      `there are ${given.length} reference log-probabilities for ${pairs.length} pairs`,
      { field: 'reference', value: given.length, remedy: 'Compute them for the same pairs.' },
    );
  }
  if (reference === undefined && isSnapshot(start)) {
    throw new InvalidInputError('a snapshot does not tell the reference', {
      field: 'reference',
      remedy: 'Give the weights that the training began with, or their log-probabilities.',
    });
  }
  const weights = (reference ?? start) as Named<HostTensor>;
  const parameters = engine.parameters(weights);
  try {
    return await referenceLogProbs(engine, model, parameters, pairs, { tokenBudget });
  } finally {
    parameters.dispose();
  }
}

/**
 * Trains a language model on preferences by DPO (see `dpoLoss`): AdamW, a rate that rises and falls as in `sftTrainer`. The reference's
 * log-probabilities are computed once, before the first step.
 *
 * @throws InvalidInputError naming a wrong option, a pair without anything to train, or when the reference is unknown
 */
export async function preferenceTrainer(
  settings: PreferenceTrainerSettings,
): Promise<TrainingSteps<DpoProgress>> {
  const options = parseInput(
    dpoOptionsSchema,
    settings.options ?? {},
    'options of preferenceTrainer',
  );
  const { engine, model, start, pairs, key = ['dpo'] } = settings;
  parseInput(z.int().min(0).optional(), settings.stepsDone, 'stepsDone of preferenceTrainer');
  checkPairs(pairs);
  const references = await referencesOf(settings, options.tokenBudget);
  const { epochs, batchPairs: batchRows, tokenBudget } = options;
  // A plan looks at lengths only when it is to end after a number of tokens.
  const lengths = pairs.map((pair) => pairRows([pair])[0]!.row);
  const trainer = await engine.compileTraining(dpoLoss(model, options), options.optimizer, start);
  return trainingSteps<DpoProgress>({
    plan: planBatches(lengths, { epochs, batchRows }, key),
    done: settings.stepsDone ?? (isSnapshot(start) ? start.step : 0),
    learningRate: options.learningRate,
    warmupShare: options.warmupShare,
    finalRateShare: options.finalRateShare,
    trainer,
    inputsOf: (batch) =>
      pairMicroBatches(
        model,
        batch.map((index) => pairs[index]!),
        batch.map((index) => references[index]!),
        tokenBudget,
      ),
    progressOf: ({ loss, metrics, gradientNorm, applied }, at) => ({
      ...at,
      loss,
      accuracy: metrics['accuracy']!,
      margin: metrics['margin']!,
      chosenReward: metrics['chosenReward']!,
      rejectedReward: metrics['rejectedReward']!,
      gradientNorm,
      applied,
    }),
  });
}
