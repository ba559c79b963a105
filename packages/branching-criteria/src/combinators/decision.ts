import type { BranchingDecision } from '@spark-rl/core';

/** No fork. */
export const ALONE: BranchingDecision = { width: 1 };

/** A fork whose priority is chosen among those that were named; none is named when there are none. */
export function fork(
  width: number,
  decisions: readonly BranchingDecision[],
  choose: (...priorities: number[]) => number,
): BranchingDecision {
  const priorities = decisions.flatMap(({ priority }) =>
    priority === undefined ? [] : [priority],
  );
  return priorities.length > 0 ? { width, priority: choose(...priorities) } : { width };
}
