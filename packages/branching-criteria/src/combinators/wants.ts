import type { BranchingCriterion, GenerationWants } from '@spark-rl/core';

/**
 * What several criteria need to know of a response: entropies if one of them does, and as many alternatives as the one that needs
 * most. Spread into a criterion: the field is absent when nothing is needed.
 */
export function unionOfWants(
  parts: readonly Pick<BranchingCriterion, 'want'>[],
): Pick<BranchingCriterion, 'want'> {
  const entropies = parts.some(({ want }) => want?.entropies === true);
  const topLogProbs = Math.max(0, ...parts.map(({ want }) => want?.topLogProbs ?? 0));
  const want: GenerationWants = {
    ...(entropies && { entropies }),
    ...(topLogProbs > 0 && { topLogProbs }),
  };
  return Object.keys(want).length > 0 ? { want } : {};
}
