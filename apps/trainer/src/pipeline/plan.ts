import { decoderTransformer } from '@spark-rl/transformer-policy';

import type { TrainConfig } from '../config/schema.js';
import type { EngineSpeed } from '../engine-speed.js';
import { formatCount, formatSeconds } from '../output/progress.js';
import { renderTable } from '../output/table.js';
import { architectureOf } from './run-context.js';

/** What a run will do at most, before any of it is done. */
export interface Plan {
  /** Numbers that the model learns, with the largest vocabulary that its tokenizer may have. */
  readonly parameters: number;
  /** Bytes of the weights and of what AdamW remembers of them, in single precision. */
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

const BYTES_OF_A_PARAMETER = 4 * 3;
const TRAINED = 6;
const GENERATED = 2;

/** Reads off a configuration what its run comes to. Attention over long contexts costs more than this counts. */
export function planOf(config: TrainConfig): Plan {
  const { rollout, reinforcement, warmup, environment } = config;
  const { parameters: declared } = decoderTransformer(
    architectureOf(config, config.model.vocabularySize),
  );
  const parameters = Object.values(declared).reduce(
    (sum, shape) => sum + shape.reduce((product, size) => product * size, 1),
    0,
  );
  const tokensOfAStep =
    rollout.tasksPerStep * rollout.leaves * environment.maxTurns * rollout.maxResponseTokens;
  const { tokens, maxSteps } = reinforcement;
  return {
    parameters,
    bytes: parameters * BYTES_OF_A_PARAMETER,
    warmupTokens: warmup.tokens,
    generatedTokens: tokens,
    tokensOfAStep,
    steps: { least: Math.min(maxSteps, Math.ceil(tokens / tokensOfAStep)), most: maxSteps },
    operations: {
      warmup: TRAINED * parameters * warmup.tokens,
      reinforcement: (GENERATED + TRAINED) * parameters * tokens,
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
