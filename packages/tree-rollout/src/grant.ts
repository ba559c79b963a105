import {
  InvalidInputError,
  type Arbiter,
  type BranchingRequest,
  type Ledger,
  type NodeId,
  type RandomSource,
} from '@spark-rl/core';

/**
 * Grants the requests of one turn in the arbiter's order while the budget lasts. A request that the arbiter leaves out is not
 * granted.
 *
 * @param requests - in the order of their paths
 * @returns the width of every granted request; who is absent goes on alone
 * @throws InvalidInputError when the arbiter serves something that was not asked, or twice
 */
export function grant(
  arbiter: Arbiter,
  requests: readonly BranchingRequest[],
  ledger: Ledger,
  random: RandomSource,
): ReadonlyMap<NodeId, number> {
  const granted = new Map<NodeId, number>();
  if (requests.length === 0) return granted;
  const wanted = new Map(requests.map(({ node, width }) => [node, width]));
  for (const { node } of arbiter.order(requests, random)) {
    const width = wanted.get(node);
    if (width === undefined) {
      throw new InvalidInputError(
        `arbiter ${arbiter.id} serves node ${node}, which did not ask or was served before`,
        { field: 'order', value: node, remedy: 'Return each of the given requests at most once.' },
      );
    }
    wanted.delete(node);
    granted.set(node, ledger.branch(width));
  }
  return granted;
}
