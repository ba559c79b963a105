import {
  drGrpo,
  environmentScore,
  giGpo,
  leafStatistics,
  maxRl,
  reinforce,
  reinforcePlusPlus,
  reinforcePlusPlusBaseline,
  rloo,
  rlvmr,
  rowStatistics,
  siblingLocal,
  spoEdge,
  treeGrpo,
  treePo,
  treeRl,
  turnDiscounted,
  uniqueNode,
} from '@spark-rl/advantage-normalization';
import type { AdvantageEstimator } from '@spark-rl/core';

import type { TrainConfig } from '../config/schema.js';

type CommonOptions = Pick<
  TrainConfig['learning'],
  'weights' | 'invalidPenalty' | 'unavailablePenalty'
>;

/** Every estimator of the literature by the name that a configuration gives it; each keeps its own defaults for the rest. */
const ESTIMATORS = {
  grpo: leafStatistics,
  'grpo-rows': rowStatistics,
  'grpo-unique-node': uniqueNode,
  'sibling-local': siblingLocal,
  'dr-grpo': drGrpo,
  'max-rl': maxRl,
  reinforce,
  rloo,
  'reinforce++': reinforcePlusPlus,
  'reinforce++-baseline': reinforcePlusPlusBaseline,
  gigpo: giGpo,
  rlvmr,
  'turn-discounted': turnDiscounted,
  'tree-grpo': treeGrpo,
  'tree-rl': treeRl,
  'tree-po': treePo,
  'spo-edge': spoEdge,
} satisfies Readonly<Record<string, (options: CommonOptions) => AdvantageEstimator>>;

/** What turns the trees of one task into credits: the same in training and in exports. */
export const estimatorOf = ({ learning }: Pick<TrainConfig, 'learning'>): AdvantageEstimator =>
  ESTIMATORS[learning.estimator]({
    weights: learning.weights,
    invalidPenalty: learning.invalidPenalty,
    unavailablePenalty: learning.unavailablePenalty,
    ...(learning.reward === 'score' && { reward: environmentScore }),
    ...(learning.estimatorOptions as object),
  });
