import { HOUSEHOLD_KINDS } from '@spark-rl/env-alfworld';

import type { ScienceworldConfig, WebshopConfig } from '../environment-schema.js';
import type { ScratchModelConfig } from '../model-schema.js';
import type { TrainConfig } from '../schema.js';

type ScratchConfig = TrainConfig & { readonly model: ScratchModelConfig };

/**
 * A from-scratch model in small rooms, minutes on two cores: warm-up on imperfect expert games, then SPARK. What such a model
 * shows is that the pipeline learns, not what SPARK does for large models.
 */
const quickstart: ScratchConfig = {
  seed: 1,
  engine: 'auto',
  environment: {
    id: 'alfworld',
    size: 'small',
    kinds: [...HOUSEHOLD_KINDS],
    heldOut: [],
    rooms: ['kitchen', 'living', 'bedroom', 'bathroom'],
    maxTurns: 12,
    games: null,
    expert: { searchNoise: 0.2, wastedTurns: 0.3, reasoning: 'tracking' },
  },
  agent: { grammar: 'spark', prompt: 'auto', history: 5, admissible: true },
  model: {
    from: 'scratch',
    width: 64,
    layers: 2,
    heads: 4,
    hiddenWidth: 192,
    contextLength: 768,
    vocabularySize: 1024,
  },
  warmup: {
    episodes: 6000,
    tokens: 5_000_000,
    epochs: null,
    batchRows: 8,
    learningRate: 4e-3,
    warmupShare: 0.05,
    finalLearningRateShare: 0.1,
  },
  rollout: {
    tasksPerStep: 16,
    method: 'spark',
    leaves: 8,
    roots: 4,
    width: 2,
    criterion: 'explore-tag',
    probability: 0.14,
    signalShare: 0.15,
    arbiter: 'seeded',
    forkAt: 'next-turn',
    profile: 'spark',
    schedule: [2, 2, 2],
    forksPerPath: null,
    expansionRounds: 1,
    temperature: 1,
    maxResponseTokens: 48,
    concurrency: 64,
    stepsAhead: 0,
  },
  learning: {
    learningRate: 5e-4,
    finalLearningRateShare: 0.1,
    optimizerStepsPerBatch: 2,
    clip: 0.2,
    klCoefficient: 0.03,
    entropyCoefficient: 0,
    estimator: 'grpo',
    estimatorOptions: {},
    reward: 'success',
    weights: 'mean',
    invalidPenalty: 0.03,
    unavailablePenalty: 0,
    groupFilter: 'none',
    maxGenerationBatches: 4,
    microBatchTokens: 8192,
    objective: {},
    packing: 'rows',
  },
  reinforcement: {
    tokens: 650_000,
    maxSteps: 200,
    checkpointEvery: 5,
    keep: 2,
    taskPool: null,
    patience: null,
  },
  evaluation: { episodes: 400, seed: 0, every: null, duringEpisodes: 100 },
};

/** Seconds instead of minutes: shows that everything runs, not that it learns. */
const smoke: ScratchConfig = {
  ...quickstart,
  model: {
    from: 'scratch',
    width: 32,
    layers: 1,
    heads: 2,
    hiddenWidth: 64,
    contextLength: 768,
    vocabularySize: 1024,
  },
  warmup: { ...quickstart.warmup, episodes: 40, tokens: 30_000, batchRows: 8 },
  rollout: { ...quickstart.rollout, tasksPerStep: 2 },
  reinforcement: {
    tokens: 100_000_000,
    maxSteps: 2,
    checkpointEvery: 1,
    keep: 2,
    taskPool: null,
    patience: null,
  },
  evaluation: { ...quickstart.evaluation, episodes: 8 },
};

/**
 * What the shop asks of a small model: a synthetic catalogue in few words, and one product to look at before it is bought. Of 2,000 products
 * the words that their codes consist of are so few that each is one token of the quickstart's vocabulary, and can be copied from a page.
 */
const shop: WebshopConfig = {
  id: 'webshop',
  items: null,
  instructions: null,
  humanInstructions: null,
  index: null,
  nouns: null,
  products: 2000,
  detail: 'brief',
  goals: 'synthetic',
  splits: 'verl-agent',
  observation: 'text',
  format: 'spark',
  maxTurns: 10,
  expert: { choiceNoise: 0, forgetfulness: 0, wastedTurns: 0.25, patience: 1 },
};

/** The same in the shop: its pages are long, and so are its searches; a purchase that is nearly right earns nearly 1. */
const shopQuickstart: TrainConfig = {
  ...quickstart,
  environment: shop,
  model: { ...quickstart.model, contextLength: 3584, vocabularySize: 1536 },
  warmup: { ...quickstart.warmup, episodes: 12_000, tokens: 8_000_000, batchRows: 4 },
  rollout: { ...quickstart.rollout, maxResponseTokens: 64 },
  learning: { ...quickstart.learning, reward: 'score' },
  reinforcement: { ...quickstart.reinforcement, tokens: 700_000 },
};

const shopSmoke: TrainConfig = {
  ...smoke,
  environment: shop,
  model: { ...smoke.model, contextLength: 3584 },
  rollout: { ...smoke.rollout, maxResponseTokens: 64 },
  learning: { ...smoke.learning, reward: 'score' },
};

/** The recorded world that comes along: a few solutions to learn by heart, which shows the pipeline and no more. */
const science: ScienceworldConfig = {
  id: 'scienceworld',
  simulator: 'recorded',
  jar: null,
  recordings: null,
  simplifications: 'easy',
  tasks: null,
  heldOut: [],
  maxTurns: 30,
};

const scienceQuickstart: TrainConfig = {
  ...quickstart,
  environment: science,
  model: { ...quickstart.model, contextLength: 6144 },
  warmup: { ...quickstart.warmup, tokens: 8_000_000 },
  rollout: { ...quickstart.rollout, maxResponseTokens: 64 },
};

const scienceSmoke: TrainConfig = {
  ...smoke,
  environment: science,
  model: { ...smoke.model, contextLength: 6144 },
  rollout: { ...smoke.rollout, maxResponseTokens: 64 },
};

/** Minutes on two cores, by environment. */
export const quickstarts = {
  alfworld: quickstart,
  webshop: shopQuickstart,
  scienceworld: scienceQuickstart,
};

/** Seconds on two cores, by environment. */
export const smokes = { alfworld: smoke, webshop: shopSmoke, scienceworld: scienceSmoke };
