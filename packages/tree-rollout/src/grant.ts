import {
  InvalidInputError,
  RunStoreError,
  type Arbiter,
  type BranchingRequest,
  type Ledger,
  type NodeId,
  type RandomSource,
} from '@spark-rl/core';

/** A request, and what it got. */
export type Grant = BranchingRequest & { readonly granted: number };

/**
 * Grants the requests of one turn in the arbiter's order while the budget lasts. A request that the arbiter leaves out is not
 * granted. What an interrupted rollout had granted stands: those leaves are taken first, which leaves the others just what
 * they had before, because every grant takes all that it can.
 *
 * @param requests - in the order of their paths
 * @param widest - no grant is wider
 * @param granted - the width that the record of a node says; undefined when there is none
 * @returns the grants in the order in which they were served, then those left out, with width 1
 * @throws InvalidInputError when the arbiter serves something that was not asked, or twice
 */
export function grant(
  arbiter: Arbiter,
  requests: readonly BranchingRequest[],
  ledger: Ledger,
  random: RandomSource,
  widest: number,
  granted: (node: NodeId) => number | undefined,
): readonly Grant[] {
  if (requests.length === 0) return [];
  const wanted = new Map(requests.map((request) => [request.node, request]));
  const served: BranchingRequest[] = [];
  for (const { node } of arbiter.order(requests, random)) {
    const request = wanted.get(node);
    if (request === undefined) {
      throw new InvalidInputError(
        `arbiter ${arbiter.id} serves node ${node}, which did not ask or was served before`,
        { field: 'order', value: node, remedy: 'Return each of the given requests at most once.' },
      );
    }
    wanted.delete(node);
    served.push(request);
  }
  const widths = new Map<NodeId, number>();
  for (const { node } of requests) {
    const before = granted(node);
    if (before === undefined) continue;
    if (before > 1 && ledger.branch(before) !== before) {
      throw new RunStoreError(`node ${node} was granted ${before} children, which do not fit`, {
        field: 'grantedWidth',
        value: before,
        remedy:
          'The record does not belong to this budget: remove it, so that the tree is grown anew.',
      });
    }
    widths.set(node, before);
  }
  for (const { node, width } of served)
    if (!widths.has(node)) widths.set(node, ledger.branch(Math.min(width, widest)));
  return [...served, ...wanted.values()].map((request) => ({
    ...request,
    granted: widths.get(request.node) ?? 1,
  }));
}
