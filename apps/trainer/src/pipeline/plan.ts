import { InvalidInputError } from '@spark-rl/core';
import {
  adapterShapes,
  parameterCount,
  type TransformerConfig,
} from '@spark-rl/transformer-policy';

import type { TrainConfig } from '../config/schema.js';
import type { EngineSpeed } from '../engine-speed.js';
import { formatCount, formatSeconds } from '../output/progress.js';
import { renderTable } from '../output/table.js';
import { loraOf } from './agent-model.js';
import { architectureOf } from './architecture.js';

/** What a run will do at most, before any of it is done. */
export interface Plan {
  /** Numbers that the model has, with the largest vocabulary that its tokenizer may have; adapters are among them. */
  readonly parameters: number;
  /** How many of them are trained: all, or those of adapters. */
  readonly trained: number;
  /** Bytes of the weights, and of what AdamW remembers of those that are trained, in single precision. */
  readonly bytes: number;
  readonly warmupTokens: number;
  readonly generatedTokens: number;
  /** The most tokens that one step of reinforcement can generate. */
  readonly tokensOfAStep: number;
  /** The fewest steps of reinforcement that the token budget allows, and the most. */
  readonly steps: { readonly least: number; readonly most: number };
  /** Floating-point operations of the weights: 6 a trained token and parameter, 2 a generated one. */
  readonly operations: { readonly warmup: number; readonly reinforcement: number };
}

const BYTES_OF_A_NUMBER = 4;
const MOMENTS = 2;
/** Of each weight and token: one product forwards, one for the activations’ gradient, one for its own. */
const FORWARD = 2;
const BACKWARD = 2;
const OWN_GRADIENT = 2;

/** How many numbers a model has, and how many of them are trained. */
function sizeOf(
  model: TrainConfig['model'],
  published: TransformerConfig | undefined,
): Pick<Plan, 'parameters' | 'trained'> {
  const architecture =
    model.from === 'scratch' ? architectureOf(model, model.vocabularySize) : published;
  if (architecture === undefined) {
    throw new InvalidInputError('the size of a published model stands in its folder', {
      field: 'model.folder',
      remedy: 'Give its architecture too.',
    });
  }
  const base = parameterCount(architecture);
  const lora = model.from === 'folder' ? loraOf(model) : undefined;
  if (lora === undefined) return { parameters: base, trained: base };
  const trained = Object.values(adapterShapes(architecture, lora)).reduce(
    (sum, shape) => sum + shape.reduce((product, size) => product * size, 1),
    0,
  );
  return { parameters: base + trained, trained };
}

/**
 * Reads off a configuration what its run comes to. Attention over long contexts costs more than this counts.
 *
 * @param published - the architecture of the model, where it is a published one
 */
export function planOf(config: TrainConfig, published?: TransformerConfig): Plan {
  const { rollout, reinforcement, warmup, environment } = config;
  const { parameters, trained } = sizeOf(config.model, published);
  const training = (FORWARD + BACKWARD) * parameters + OWN_GRADIENT * trained;
  const tokensOfAStep =
    rollout.tasksPerStep * rollout.leaves * environment.maxTurns * rollout.maxResponseTokens;
  const { tokens, maxSteps } = reinforcement;
  return {
    parameters,
    trained,
    bytes: BYTES_OF_A_NUMBER * (parameters + MOMENTS * trained),
    warmupTokens: warmup.tokens,
    generatedTokens: tokens,
    tokensOfAStep,
    steps: { least: Math.min(maxSteps, Math.ceil(tokens / tokensOfAStep)), most: maxSteps },
    operations: {
      warmup: training * warmup.tokens,
      reinforcement: (FORWARD * parameters + training) * tokens,
    },
  };
}

/** About how long an engine takes, by what it took for a model of known size. */
export function estimateSeconds(
  { parameters, warmupTokens, generatedTokens }: Plan,
  speed: EngineSpeed,
): { readonly warmup: number; readonly reinforcement: number } {
  // A smaller model is not faster by as much: below the measured size a call costs what it costs.
  const scale = Math.max(1, parameters / speed.parameters);
  const trained = (speed.trainingStepMs / 1000 / speed.trainedTokens) * scale;
  return {
    warmup: warmupTokens * trained,
    reinforcement: generatedTokens * (trained + scale / speed.decodedTokensPerSecond),
  };
}

/** The plan as a table. */
export function renderPlan(
  plan: Plan,
  seconds?: { readonly warmup: number; readonly reinforcement: number },
): string {
  const { steps, operations } = plan;
  const tera = (value: number): string => `${(value / 1e12).toPrecision(3)} TFLOP`;
  return renderTable(
    ['the plan', ''],
    [
      ['parameters', formatCount(plan.parameters)],
      ...(plan.trained === plan.parameters ? [] : [['of them trained', formatCount(plan.trained)]]),
      ['weights and optimiser', `${(plan.bytes / 2 ** 20).toFixed(1)} MiB`],
      ['warm-up', `${formatCount(plan.warmupTokens)} tokens, ${tera(operations.warmup)}`],
      [
        'reinforcement',
        `${formatCount(plan.generatedTokens)} generated tokens, ${tera(operations.reinforcement)}`,
      ],
      [
        'steps of reinforcement',
        `${formatCount(steps.least)} to ${formatCount(steps.most)}, of at most ${formatCount(plan.tokensOfAStep)} tokens`,
      ],
      ...(seconds === undefined
        ? []
        : [
            [
              'time on this engine, roughly',
              `warm-up ${formatSeconds(seconds.warmup)}, reinforcement ${formatSeconds(seconds.reinforcement)}; measuring comes on top`,
            ],
          ]),
    ],
  );
}
