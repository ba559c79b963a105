import { HOUSEHOLD_KINDS } from '@spark-rl/env-alfworld';

import type { AlfworldConfig, ScienceworldConfig, WebshopConfig } from '../environment-schema.js';
import type { FolderModelConfig } from '../model-schema.js';
import type { TrainConfig } from '../schema.js';
import { quickstarts } from './small.js';

/**
 * The published benchmarks as their own papers set them: all tasks, their own splits, their own limit of turns. Their data and the model are
 * the user's: the paths are those of a folder `data` and a folder `models` where the command is given, and any other is named by its flag.
 */

/** ALFWorld (arXiv 2010.03768): the games of its releases, measured on the 134 of unseen rooms; 50 turns, as its own configuration says. */
export const alfworldGames: AlfworldConfig = {
  id: 'alfworld',
  games: 'data/alfworld/json_2.1.1',
  kinds: [...HOUSEHOLD_KINDS],
  heldOut: [],
  maxTurns: 50,
  // Read for generated games alone.
  size: 'full',
  rooms: ['kitchen', 'living', 'bedroom', 'bathroom'],
  // The warm-up learns from a player that knows what it is doing: nothing is wasted on purpose.
  expert: { searchNoise: 0, wastedTurns: 0, reasoning: 'brief' },
};

/** WebShop (arXiv 2207.01206): 1.18 million products, the 12,087 instructions of people, 500 of them for the test; 15 turns by convention. */
export const webshopData: WebshopConfig = {
  id: 'webshop',
  items: 'data/webshop/items_shuffle.json',
  instructions: 'data/webshop/items_ins_v2.json',
  humanInstructions: 'data/webshop/items_human_ins.json',
  index: null,
  nouns: null,
  goals: 'human',
  splits: 'original',
  observation: 'text',
  format: 'spark',
  maxTurns: 15,
  // Read for a synthetic catalogue alone.
  products: 1000,
  detail: 'full',
  expert: { choiceNoise: 0, forgetfulness: 0, wastedTurns: 0, patience: 3 },
};

/**
 * ScienceWorld (arXiv 2203.07540): the simulator itself, its 30 tasks and its split of their variations; 100 actions. Its own limit counts
 * 100 ticks, of which an action takes one or more. The warm-up learns from gold paths that the simulator plays into a file:
 * `spark-rl scienceworld record --task all --split train --count 10 --out data/scienceworld/gold.jsonl.gz`.
 */
export const scienceworldSimulator: ScienceworldConfig = {
  id: 'scienceworld',
  simulator: 'jar',
  jar: null,
  recordings: 'data/scienceworld/gold.jsonl.gz',
  simplifications: 'easy',
  tasks: null,
  heldOut: [],
  maxTurns: 100,
};

/** A published model of a size that one GPU trains: low-rank adapters on frozen weights. */
const adapted: FolderModelConfig = {
  from: 'folder',
  folder: 'models/Qwen2.5-1.5B-Instruct',
  contextLength: 4096,
  lora: {
    rank: 16,
    alpha: 32,
    targetModules: ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'],
    rsLora: false,
  },
  chatTemplateVariables: {},
};

const { alfworld: small } = quickstarts;

/**
 * What training in all three begins with: SPARK as this project has it by default, with rates for adapters. We have not trained with
 * these settings: they are a start, not a finding.
 */
const common: Omit<TrainConfig, 'environment'> = {
  seed: 1,
  engine: 'auto',
  agent: { grammar: 'spark', prompt: 'messages', history: 5, admissible: true },
  model: adapted,
  warmup: {
    ...small.warmup,
    episodes: 300,
    tokens: 12_000_000,
    batchRows: 32,
    learningRate: 1e-4,
  },
  rollout: {
    ...small.rollout,
    tasksPerStep: 16,
    leaves: 8,
    roots: 4,
    width: 2,
    temperature: 1,
    maxResponseTokens: 512,
    concurrency: 16,
  },
  learning: {
    ...small.learning,
    learningRate: 1e-5,
    finalLearningRateShare: 1,
    optimizerStepsPerBatch: 4,
    clip: 0.2,
    klCoefficient: 0.01,
    entropyCoefficient: 0.001,
    microBatchTokens: 16_384,
  },
  reinforcement: {
    tokens: 50_000_000,
    maxSteps: 120,
    checkpointEvery: 5,
    keep: 2,
    taskPool: null,
    patience: null,
  },
  evaluation: { episodes: 134, seed: 0, every: 10, duringEpisodes: 64 },
};

/** The real benchmarks; each implies its environment. */
export const benchmarks = {
  alfworld: { alfworld: { ...common, environment: alfworldGames } },
  webshop: {
    webshop: {
      ...common,
      environment: webshopData,
      model: { ...adapted, contextLength: 6144 },
      // A purchase that is nearly right is worth nearly as much.
      learning: { ...common.learning, reward: 'score' },
      evaluation: { ...common.evaluation, episodes: 500 },
    },
  },
  scienceworld: {
    scienceworld: {
      ...common,
      environment: scienceworldSimulator,
      model: { ...adapted, contextLength: 6144 },
      evaluation: { ...common.evaluation, episodes: 300 },
    },
  },
} satisfies Readonly<Record<string, Readonly<Record<string, TrainConfig>>>>;
