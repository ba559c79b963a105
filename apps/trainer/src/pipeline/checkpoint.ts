import { CheckpointError, parseInput } from '@spark-rl/core';
import type { CheckpointFiles, Checkpoints } from '@spark-rl/run-store';
import type { HostTensor, Named, TrainingSnapshot } from '@spark-rl/tensor';
import { decodeTensorFiles, encodeTensorFiles } from '@spark-rl/transformer-policy';
import { z } from 'zod';

import type { ModelConfig } from '../config/model-schema.js';
import { trainedParameters, type AgentModel, type AgentModelShape } from './agent-model.js';
import { decodeWeights, encodeFreshWeights, encodeWeights } from './checkpoint-weights.js';

const count = z.number().min(0);

/** What a run has done so far; all counts are sums over its reinforcement steps. */
export const progressSchema = z.strictObject({
  warmupSteps: count,
  warmupTokens: count,
  warmupSeconds: count,
  /** Of them, the part that grows with the tokens trained: without games, tokenizer and compilation. */
  warmupTrainingSeconds: count,
  /** Share of expert turns that explore. */
  expertExploreRatio: count,
  steps: count,
  policyVersion: count,
  reinforceSeconds: count,
  generatedTokens: count,
  chainEquivalentTokens: count,
  promptTokens: count,
  cachedPromptTokens: count,
  turns: count,
  exploreTurns: count,
  invalidTurns: count,
  leaves: count,
  failedLeaves: count,
  forks: count,
  droppedGroups: count,
  /** Tasks taken from the training order; null in checkpoints of runs that took as many in every step. */
  tasksTaken: count.nullable().default(null),
  decodeSteps: count,
  decodedTokens: count,
  /** Of the reinforcement: sampling trees, of that with the policy at work, updating, and measuring on the way. */
  rolloutSeconds: count.default(0),
  policySeconds: count.default(0),
  updateSeconds: count.default(0),
  measuringSeconds: count.default(0),
  /** Explore ratio of the first reinforcement step: what later steps are held against. */
  firstExploreRatio: count.nullable(),
  /** Recent values of the criterion's signal, where it compares with them; null where it does not. */
  calibration: z
    .strictObject({
      version: z.literal(1),
      signal: z.string(),
      samples: z.array(z.number()).readonly(),
    })
    .nullable()
    .default(null),
  /** The best measurement during reinforcement, and how many have passed since; null before the first. */
  best: z.strictObject({ step: count, score: z.number(), since: count }).nullable().default(null),
});

export type RunProgress = z.infer<typeof progressSchema>;

/** A run that has not begun. */
export const noProgress: RunProgress = {
  warmupSteps: 0,
  warmupTokens: 0,
  warmupSeconds: 0,
  warmupTrainingSeconds: 0,
  expertExploreRatio: 0,
  steps: 0,
  policyVersion: 0,
  reinforceSeconds: 0,
  generatedTokens: 0,
  chainEquivalentTokens: 0,
  promptTokens: 0,
  cachedPromptTokens: 0,
  turns: 0,
  exploreTurns: 0,
  invalidTurns: 0,
  leaves: 0,
  failedLeaves: 0,
  forks: 0,
  droppedGroups: 0,
  tasksTaken: 0,
  decodeSteps: 0,
  decodedTokens: 0,
  rolloutSeconds: 0,
  policySeconds: 0,
  updateSeconds: 0,
  measuringSeconds: 0,
  firstExploreRatio: null,
  calibration: null,
  best: null,
};

/** A moment of a run: the model, what the optimiser needs to go on exactly there, and what was done so far. */
export interface RunCheckpoint {
  readonly model: AgentModel;
  readonly snapshot: TrainingSnapshot;
  readonly progress: RunProgress;
  readonly beside?: BesideWeights;
}

/** Further weights that a run needs to go on exactly; most need none. */
export interface BesideWeights {
  /** Those that the trees of the next step are grown with, where that runs ahead, and their version. */
  readonly behaviour?: { readonly parameters: Named<HostTensor>; readonly version: number };
  /** The reference of the KL divergence, where it moves. */
  readonly reference?: Named<HostTensor>;
}

/** What files of tensors are called, without their ends. */
const BEHAVIOUR = 'behaviour';
const REFERENCE = 'reference';
const OPTIMIZER = 'optimizer';
const PROGRESS = 'progress.json';

const prefixed = (prefix: string, tensors: Named<HostTensor>): [string, HostTensor][] =>
  Object.entries(tensors).map(([name, tensor]) => [`${prefix}.${name}`, tensor]);

const withPrefix = (prefix: string, tensors: Named<HostTensor>): Named<HostTensor> =>
  Object.fromEntries(
    Object.entries(tensors)
      .filter(([name]) => name.startsWith(`${prefix}.`))
      .map(([name, tensor]) => [name.slice(prefix.length + 1), tensor]),
  );

const progressFile = (state: object): readonly [string, Uint8Array] => [
  PROGRESS,
  new TextEncoder().encode(`${JSON.stringify(state, null, 2)}\n`),
];

/**
 * The files of a checkpoint: a model folder that stands alone, or adapters where they alone are trained; and beside it the optimiser's
 * moments and the run's progress.
 */
export function encodeCheckpoint(
  model: AgentModelShape,
  snapshot: TrainingSnapshot,
  progress: RunProgress,
  { behaviour, reference }: BesideWeights = {},
): CheckpointFiles {
  const moments = Object.fromEntries([
    ...prefixed('first', snapshot.firstMoments),
    ...prefixed('second', snapshot.secondMoments),
  ]);
  const trained = (tensors: Named<HostTensor>): Named<HostTensor> =>
    trainedParameters(model, tensors);
  return new Map([
    ...encodeWeights(model, snapshot.parameters),
    ...encodeTensorFiles(OPTIMIZER, moments),
    ...(behaviour === undefined ? [] : encodeTensorFiles(BEHAVIOUR, trained(behaviour.parameters))),
    ...(reference === undefined ? [] : encodeTensorFiles(REFERENCE, trained(reference))),
    progressFile({
      optimizerStep: snapshot.step,
      ...(behaviour !== undefined && { behaviourVersion: behaviour.version }),
      ...progress,
    }),
  ]);
}

/** The files of a checkpoint of a published model that nothing was learned by yet. */
export const encodeFreshCheckpoint = (model: AgentModel): CheckpointFiles =>
  new Map([
    ...encodeFreshWeights(model),
    ...encodeTensorFiles(OPTIMIZER, {}),
    progressFile({ optimizerStep: 0, ...noProgress }),
  ]);

/**
 * Loads a checkpoint of a run.
 *
 * @param expected - the model of the run's configuration; how large its vocabulary is its tokenizer decided
 * @throws CheckpointError when a file is missing or damaged, or the checkpoint is of another model
 */
export async function loadCheckpoint(
  checkpoints: Checkpoints,
  name: string,
  expected: ModelConfig,
): Promise<RunCheckpoint> {
  const files = await checkpoints.load(name);
  const file = (file: string): Uint8Array => {
    const bytes = files.get(file);
    if (bytes !== undefined) return bytes;
    throw new CheckpointError(`checkpoint ${name} has no ${file}`, {
      field: file,
      remedy: 'Resume from another checkpoint, or start a new run.',
    });
  };
  const model = await decodeWeights(files, name, expected);
  const moments = decodeTensorFiles(files, OPTIMIZER);
  let state: unknown;
  try {
    state = JSON.parse(new TextDecoder().decode(file(PROGRESS)));
  } catch (cause) {
    throw new CheckpointError(`${PROGRESS} of checkpoint ${name} is not JSON`, {
      field: PROGRESS,
      remedy: 'The checkpoint is damaged: restore it from a copy, or delete its folder.',
      cause,
    });
  }
  const { optimizerStep, behaviourVersion, ...progress } = parseInput(
    progressSchema.extend({
      optimizerStep: z.int().min(0),
      behaviourVersion: z.int().min(0).optional(),
    }),
    state,
    `${PROGRESS} of checkpoint ${name}`,
    'Resume from another checkpoint.',
  );
  // Of adapters only they were stored: the rest is that of the model.
  const whole = (stem: string): Named<HostTensor> => ({
    ...model.parameters,
    ...decodeTensorFiles(files, stem),
  });
  const hasReference = [...files.keys()].some((each) => each.startsWith(REFERENCE));
  return {
    model,
    progress,
    beside: {
      ...(behaviourVersion !== undefined && {
        behaviour: { parameters: whole(BEHAVIOUR), version: behaviourVersion },
      }),
      ...(hasReference && { reference: whole(REFERENCE) }),
    },
    snapshot: {
      step: optimizerStep,
      parameters: model.parameters,
      firstMoments: withPrefix('first', moments),
      secondMoments: withPrefix('second', moments),
    },
  };
}
