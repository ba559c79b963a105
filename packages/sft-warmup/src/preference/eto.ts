import { pathTo, type Leaf, type RandomKey, type TaskId, type Tree } from '@spark-rl/core';
import type {
  Engine,
  HostTensor,
  LanguageModel,
  Named,
  ParameterSet,
  SequenceRow,
} from '@spark-rl/tensor';

import type { ExpertEpisode } from '../expert-episode.js';
import type { ExampleTurn } from '../expert-examples.js';
import { packPath } from '../pack-turns.js';
import { ownLeaves, trajectoryRows, type PreferencePair } from './preference-pair.js';
import { preferenceTrainer, type DpoOptions, type DpoProgress } from './preference-trainer.js';

/** What the expert did, in tokens: as `expertExamples` makes it of episodes. */
export interface EtoExpert {
  readonly episodes: readonly ExpertEpisode[];
  /** Their turns; `episode` is an index into the episodes. */
  readonly turns: readonly ExampleTurn[];
}

/** How trajectories are compared. */
export interface EtoPairOptions {
  /** The final reward of a leaf. Default: 1 for success, 0 otherwise. */
  readonly value?: (leaf: Leaf) => number;
  /** The final reward of the expert's episodes. Default 1. */
  readonly expertValue?: number;
  /** The agent's trajectory is cut this many turns after the length of the expert's, where it is the rejected one. Default 5. */
  readonly extraTurns?: number;
  /** How many of the agent's trajectories of a task are compared, in the order of the trees. Default 1. */
  readonly perTask?: number;
}

/**
 * The preferences of ETO (arXiv 2403.02502, section 3.2): the agent explores the tasks that it saw the expert solve, and each of its
 * trajectories is compared with the expert's by the final reward. The expert is chosen where the agent did worse, the agent where it did
 * better; equal rewards say nothing. Tasks without an expert episode are left out.
 */
export function etoPairs(
  { episodes, turns }: EtoExpert,
  trees: readonly Tree[],
  options: EtoPairOptions = {},
): readonly PreferencePair[] {
  const { expertValue = 1, extraTurns = 5, perTask = 1 } = options;
  const value = options.value ?? (({ outcome }: Leaf) => (outcome === 'success' ? 1 : 0));
  const expert = new Map<TaskId, { rows: readonly SequenceRow[]; turns: number }>();
  for (const [index, { task }] of episodes.entries()) {
    const own = turns.filter(({ episode }) => episode === index);
    if (own.length > 0 && !expert.has(task.id))
      expert.set(task.id, { rows: packPath(own), turns: own.length });
  }
  const compared = new Map<TaskId, number>();
  return trees.flatMap((tree) => {
    const task = tree.task.id;
    const known = expert.get(task);
    if (known === undefined) return [];
    return ownLeaves(tree).flatMap((leaf): PreferencePair[] => {
      const seen = compared.get(task) ?? 0;
      if (seen >= perTask) return [];
      compared.set(task, seen + 1);
      const reward = value(leaf);
      if (reward === expertValue) return [];
      const path = pathTo(tree, leaf.tail!);
      const worse = reward < expertValue;
      const agent = trajectoryRows(path, 0, worse ? known.turns + extraTurns : Infinity);
      if (agent.length === 0) return [];
      const [chosen, rejected] = worse ? [known.rows, agent] : [agent, known.rows];
      return [{ task, chosen, rejected }];
    });
  });
}

/** The rounds of the published runs: 3 epochs each in batches of 32, and a reference that is left more slowly after the first. */
export const etoRounds: readonly DpoOptions[] = [
  { beta: 0.1, learningRate: 1e-6, epochs: 3, batchPairs: 32 },
  { beta: 0.5, learningRate: 5e-7, epochs: 3, batchPairs: 32 },
  { beta: 0.5, learningRate: 5e-7, epochs: 3, batchPairs: 32 },
];

/** What one round did. */
export interface EtoRound {
  /** From 0. */
  readonly round: number;
  readonly pairs: number;
  /** The last optimiser step; null when there was no pair to train on. */
  readonly last: DpoProgress | null;
}

/** What {@link trainEto} works with. */
export interface EtoSettings {
  readonly engine: Engine;
  readonly model: LanguageModel;
  /** The weights after the supervised warm-up on the same expert. */
  readonly start: Named<HostTensor>;
  readonly expert: EtoExpert;
  /** Lets the agent explore the expert's tasks with these weights; they are disposed of when it is done. */
  readonly explore: (weights: ParameterSet, round: number) => Promise<readonly Tree[]>;
  /** Default {@link etoRounds}. */
  readonly rounds?: readonly DpoOptions[];
  readonly pairs?: EtoPairOptions;
  readonly key?: RandomKey;
  readonly onRound?: (round: EtoRound) => void | Promise<void>;
  readonly signal?: AbortSignal;
}

/**
 * ETO, exploration-based trajectory optimisation (arXiv 2403.02502), as a loop of three steps: explore, compare with the expert, train on the
 * preferences. The weights that a round starts with are its reference.
 *
 * @returns the weights after the last round
 */
export async function trainEto(settings: EtoSettings): Promise<Named<HostTensor>> {
  const { engine, model, expert, rounds = etoRounds, key = ['eto'], signal } = settings;
  let weights = settings.start;
  for (const [round, options] of rounds.entries()) {
    const explorer = engine.parameters(weights);
    const trees = await settings.explore(explorer, round).finally(() => explorer.dispose());
    const pairs = etoPairs(expert, trees, settings.pairs);
    let last: DpoProgress | null = null;
    if (pairs.length > 0) {
      const trainer = await preferenceTrainer({
        engine,
        model,
        start: weights,
        pairs,
        options,
        key: [...key, round],
      });
      try {
        last = await trainer.train({ signal });
        const trained = trainer.parameters();
        weights = await trained.read();
        trained.dispose();
      } finally {
        trainer.dispose();
      }
    }
    await settings.onRound?.({ round, pairs: pairs.length, last });
  }
  return weights;
}
