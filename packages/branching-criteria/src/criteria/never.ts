import type { BranchingCriterion } from '@spark-rl/core';

/**
 * Never forks: b_t = 1. A tree is then M independent chains, as in GRPO ([arXiv 2402.03300](https://arxiv.org/abs/2402.03300)).
 */
export const never = (): BranchingCriterion => ({
  id: 'never',
  maxWidth: 1,
  decide: () => ({ width: 1 }),
});
