import type { BranchingContext, Turn } from '@spark-rl/core';

/**
 * The turns before this one at which the path forked: the criterion asked and the ledger granted. Children that an expansion added
 * later are no fork of the path. Where forks are at the same turn, a fork is on the path of the response that asked, not on those
 * that were sampled anew beside it.
 */
export const grantedForks = ({ path, turnIndex }: BranchingContext): readonly Turn[] =>
  path.filter(
    ({ index, requestedWidth, grantedWidth }) =>
      index < turnIndex && requestedWidth > 1 && grantedWidth > 1,
  );
