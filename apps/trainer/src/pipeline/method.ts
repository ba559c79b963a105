import {
  always,
  atMost,
  calibratedQuantile,
  entropyChange,
  exploreTag,
  fixedProbability,
  inadmissibleAction,
  invalidResponse,
  leastConfidenceSignal,
  maxEntropySignal,
  meanEntropySignal,
  never,
  priorityFirst,
  randomNodes,
  repeatedAction,
  repeatedObservation,
  stalledScore,
  surprisalSignal,
  top2MarginSignal,
  turnSchedule,
  verbalisedDoubt,
  type Calibration,
  type Signal,
} from '@spark-rl/branching-criteria';
import { leafBudget } from '@spark-rl/budget';
import {
  InvalidInputError,
  type Arbiter,
  type BranchingCriterion,
  type Budget,
  type Expansion,
} from '@spark-rl/core';
import { seededOrder } from '@spark-rl/tree-rollout';

import type { CriterionName, RolloutConfig } from '../config/rollout-schema.js';
import type { TrainConfig } from '../config/schema.js';

/** How the trees of a task grow: options of `rolloutTrees`, and how many trees a task has. */
export interface RolloutMethod {
  /** The leaves of all trees of a task are one group. */
  readonly treesPerTask: number;
  /** What each tree is grown with. */
  readonly growth: {
    readonly roots: number;
    readonly budget: Budget;
    readonly criterion: BranchingCriterion;
    readonly arbiter: Arbiter;
    readonly expansion?: Expansion;
    readonly forkAt?: 'next-turn' | 'same-turn';
    readonly profile?: 'spark' | 'reference-code';
  };
}

/** What a configuration says of methods. */
export interface MethodConfig extends Pick<TrainConfig, 'rollout' | 'model'> {
  /** How many tokens the model has; by default as many as the tokenizer of a model from scratch may learn. */
  readonly vocabulary?: number | undefined;
}

const SIGNALS: Readonly<Partial<Record<CriterionName, () => Signal>>> = {
  'mean-entropy': meanEntropySignal,
  'max-entropy': maxEntropySignal,
  surprisal: () => surprisalSignal(),
  'least-confidence': () => leastConfidenceSignal(),
  'top2-margin': () => top2MarginSignal(),
};

/** The signal whose statistics the criterion compares with; undefined where it needs none. */
export const calibratedSignal = ({ method, criterion }: RolloutConfig): Signal | undefined =>
  method === 'spark' ? SIGNALS[criterion]?.() : undefined;

function vocabularyOf({ model, vocabulary }: MethodConfig): number {
  if (vocabulary !== undefined) return vocabulary;
  if (model.from === 'scratch') return model.vocabularySize;
  throw new InvalidInputError('how many tokens the model of a folder has is not known here', {
    field: 'vocabulary',
    remedy: 'Give the vocabulary of the model that was loaded.',
  });
}

function criterionOf(config: MethodConfig, calibration?: Calibration): BranchingCriterion {
  const { criterion, width, probability, signalShare } = config.rollout;
  switch (criterion) {
    case 'explore-tag':
      return exploreTag({ width });
    case 'fixed-probability':
      return fixedProbability({ probability, width });
    case 'always':
      return always({ width });
    case 'never':
      return never();
    case 'entropy-change':
      return entropyChange({ form: 'arpo', vocabulary: vocabularyOf(config), width });
    case 'entropy-change-spark-code':
      return entropyChange({ form: 'spark-code', vocabulary: vocabularyOf(config), width });
    case 'verbalised-doubt':
      return verbalisedDoubt({ width });
    case 'repeated-action':
      return repeatedAction({ width });
    case 'repeated-observation':
      return repeatedObservation({ width });
    case 'invalid-response':
      return invalidResponse({ width });
    case 'inadmissible-action':
      return inadmissibleAction({ width });
    case 'stalled-score':
      return stalledScore({ width });
    default:
      return calibratedQuantile({
        signal: SIGNALS[criterion]!(),
        share: signalShare,
        width,
        ...(calibration !== undefined && { calibration }),
      });
  }
}

/** How many trees a task grows. */
export const treesPerTaskOf = ({ method, roots }: RolloutConfig): number =>
  method === 'tree-grpo' ? roots : 1;

/**
 * What a configuration's method means as options of the one rollout engine; `docs/methods.md` has the table.
 *
 * @param calibration - recent values of the criterion's signal ({@link calibratedSignal}), frozen for a training step
 */
export function rolloutMethod(config: MethodConfig, calibration?: Calibration): RolloutMethod {
  const { rollout } = config;
  const { method, leaves, roots, width, probability, schedule, forksPerPath } = rollout;
  const arbiter = rollout.arbiter === 'priority' ? priorityFirst() : seededOrder();
  const budget = leafBudget({ leaves });
  const { forkAt, profile } = rollout;
  switch (method) {
    case 'spark': {
      const criterion = criterionOf(config, calibration);
      return { treesPerTask: 1, growth: { roots, budget, criterion, arbiter, forkAt, profile } };
    }
    case 'random': {
      const criterion = fixedProbability({ probability, width });
      return { treesPerTask: 1, growth: { roots, budget, criterion, arbiter, forkAt, profile } };
    }
    case 'uniform-tree': {
      const every = always({ width });
      const criterion =
        forksPerPath === null ? every : atMost({ criterion: every, forks: forksPerPath });
      return { treesPerTask: 1, growth: { roots, budget, criterion, arbiter, forkAt, profile } };
    }
    case 'chain':
      return { treesPerTask: 1, growth: { roots: leaves, budget, criterion: never(), arbiter } };
    case 'fixed-tree': {
      // A fork after turn t widens turn t + 1; turn 0 is as wide as there are roots.
      const [first = 1, ...later] = schedule;
      const widths = Object.fromEntries(later.map((count, turn) => [turn, count]));
      const criterion = turnSchedule({ widths });
      return { treesPerTask: 1, growth: { roots: first, budget, criterion, arbiter } };
    }
    case 'tree-grpo': {
      const perTree = leaves / roots;
      const growth = {
        roots: 1,
        budget: leafBudget({ leaves: perTree }),
        criterion: never(),
        arbiter,
      };
      if (perTree === 1) return { treesPerTask: roots, growth };
      const rounds = rollout.expansionRounds;
      const nodes = Math.ceil((perTree - 1) / rounds);
      return {
        treesPerTask: roots,
        growth: { ...growth, expansion: randomNodes({ nodes, rounds }) },
      };
    }
  }
}
