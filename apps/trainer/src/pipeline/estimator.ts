import { leafStatistics } from '@spark-rl/advantage-normalization';
import type { AdvantageEstimator } from '@spark-rl/core';

import type { TrainConfig } from '../config/schema.js';

/** What turns the trees of one task into credits: the same in training and in exports. */
export const estimatorOf = ({ learning }: Pick<TrainConfig, 'learning'>): AdvantageEstimator =>
  leafStatistics({
    weights: learning.weights,
    invalidPenalty: learning.invalidPenalty,
    unavailablePenalty: learning.unavailablePenalty,
  });
