import type { EnvironmentConfig, EnvironmentName } from '../environment-schema.js';
import type { FolderModelConfig } from '../model-schema.js';
import type { TrainConfig } from '../schema.js';
import { alfworldGames, scienceworldSimulator, webshopData } from './benchmarks.js';
import { quickstarts } from './small.js';

/*
 * The settings of SPARK's paper (arXiv 2601.20209, version 2), with the section that each number stands in. Where the paper says nothing, the
 * number is that of its published code (commit 96e80aa) and marked so; where that differs from what this project does, or cannot be had here,
 * docs/guides/paper-against-code.md says it. All other fields are this project's own profile.
 */

/** Turns of an episode, K: 30 in all three (3.1, B.4). */
const MAX_TURNS = 30;
/** The most tokens of a response: 512 (3.1, B.4). */
const MAX_RESPONSE_TOKENS = 512;
/** The most tokens of a prompt, by environment (3.1, B.4); the released scripts give all three 2048. */
const PROMPT_TOKENS: Readonly<Record<EnvironmentName, number>> = {
  alfworld: 2048,
  scienceworld: 4096,
  webshop: 6000,
};
/** Steps of reinforcement: 120 (3.1, B.4; table 7 goes on to step 150). */
const STEPS = 120;
/** Tasks of a step: 16 (3.1, B.4). */
const TASKS = 16;
/** N, M and B: 8 leaves, 4 roots, 2 children (3.1, B.4). */
const [LEAVES, ROOTS, WIDTH] = [8, 4, 2];

/** What is measured on: 128 tasks at a time, seed 0 (3.1, B.4); that a cell of the tables is one such pass is our inference. */
const EVALUATION_EPISODES = 128;

/** Episodes of the warm-up: 300 (3.1, B.4). Not in the paper; the code: epochs, rows of an update, learning rate. */
const SFT = { episodes: 300, epochs: 3, batchRows: 32, learningRate: 1e-5 };

const environments: Readonly<Record<EnvironmentName, EnvironmentConfig>> = {
  alfworld: { ...alfworldGames, maxTurns: MAX_TURNS },
  scienceworld: { ...scienceworldSimulator, maxTurns: MAX_TURNS },
  // Goals 0 to 499 for the test and the rest to learn from, made goals instead of people's: the code.
  webshop: {
    ...webshopData,
    maxTurns: MAX_TURNS,
    goals: 'synthetic',
    humanInstructions: null,
    splits: 'verl-agent',
  },
};

const { alfworld: base } = quickstarts;

/** Qwen2.5-1.5B-Instruct or Qwen2.5-7B-Instruct (3.1, B.4), all weights trained. */
const qwen = (size: '1.5B' | '7B', contextLength: number): FolderModelConfig => ({
  from: 'folder',
  folder: `models/Qwen2.5-${size}-Instruct`,
  contextLength,
  lora: null,
  chatTemplateVariables: {},
});

function paperConfig(world: EnvironmentName, size: '1.5B' | '7B'): TrainConfig {
  const contextLength = PROMPT_TOKENS[world] + MAX_RESPONSE_TOKENS;
  return {
    ...base,
    seed: 0,
    environment: environments[world],
    // Every turn is one message with the last 5 observations and actions (2.1, B.4) and the actions that can be taken (figure 8).
    agent: { grammar: 'spark', prompt: 'messages', history: 5, admissible: true },
    model: qwen(size, contextLength),
    warmup: {
      ...base.warmup,
      ...SFT,
      // At most: every turn of every episode is a row as long as the context, and seen in every epoch.
      tokens: SFT.episodes * MAX_TURNS * contextLength * SFT.epochs,
      // The code: a tenth of the steps warms up, and a cosine ends at nothing.
      warmupShare: 0.1,
      finalLearningRateShare: 0,
    },
    rollout: {
      ...base.rollout,
      method: 'spark',
      criterion: 'explore-tag',
      tasksPerStep: TASKS,
      leaves: LEAVES,
      roots: ROOTS,
      width: WIDTH,
      // 0.4 (3.1, B.4). The code samples at 1 in training and at 0.4 in measurements: --rollout.temperature 1.
      temperature: 0.4,
      maxResponseTokens: MAX_RESPONSE_TOKENS,
      concurrency: TASKS,
    },
    learning: {
      ...base.learning,
      // Constant (3.1 and B.4 give the rate, the code that it stays).
      learningRate: 1e-6,
      finalLearningRateShare: 1,
      // The code: one epoch, an update for every 256 rows, a shared turn counted once for each path through it.
      optimizerStepsPerBatch: null,
      // Not in the paper; the code: both sides 0.2, and 3 for the dual clip.
      clip: 0.2,
      // 3.1, B.4.
      klCoefficient: 0.01,
      // Not in the paper; the code.
      entropyCoefficient: 0.001,
      // -0.1 on rewards of 10 and 0 before they are normalised (3.1, B.4): about 0.03 on an advantage.
      invalidPenalty: 0.03,
      microBatchTokens: 16_384,
      objective: {
        copiesPerStep: 256,
        dualClip: 3,
        epochs: 1,
        aggregation: 'token-mean',
        klEstimator: 'k3',
      },
    },
    reinforcement: {
      ...base.reinforcement,
      // As many as the steps can generate: the steps end it.
      tokens: STEPS * TASKS * LEAVES * MAX_TURNS * MAX_RESPONSE_TOKENS,
      maxSteps: STEPS,
      // The code saves and measures every 5 steps.
      checkpointEvery: 5,
    },
    evaluation: {
      episodes: EVALUATION_EPISODES,
      seed: 0,
      every: 5,
      duringEpisodes: EVALUATION_EPISODES,
    },
  };
}

/** The paper's settings by environment and size of the model; the shorter name is the smaller model. */
export const paper = {
  'paper-alfworld': { alfworld: paperConfig('alfworld', '1.5B') },
  'paper-alfworld-7b': { alfworld: paperConfig('alfworld', '7B') },
  'paper-webshop': { webshop: paperConfig('webshop', '1.5B') },
  'paper-webshop-7b': { webshop: paperConfig('webshop', '7B') },
  'paper-scienceworld': { scienceworld: paperConfig('scienceworld', '1.5B') },
  'paper-scienceworld-7b': { scienceworld: paperConfig('scienceworld', '7B') },
};
