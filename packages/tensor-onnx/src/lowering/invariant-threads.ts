import { nodesOf, type Graph, type GraphNode } from '@spark-rl/tensor';

/** ONNX Runtime's products add up at least this many terms in one go, however the columns are divided. */
const TERMS_IN_ONE_GO = 128;

/** The least number of products that a batched matrix product consists of: named dimensions may be 1. */
function leastBatch(node: GraphNode): number {
  return node.shape
    .slice(0, -2)
    .reduce<number>((count, dim) => (typeof dim === 'number' ? count * dim : count), 1);
}

/**
 * The most threads with which a row's result does not depend on its neighbours.
 *
 * MLAS (the matrix library of ONNX Runtime) adds up a long inner dimension in blocks, and chooses the blocks by the number of columns that a
 * thread gets. Where the weights were known beforehand (`packed`) the blocks are fixed. A product of up to 128 terms has one block. Other products
 * must not be divided among threads, and they are not while there are at least as many of them in the batch as threads.
 *
 * @param isPacked - whether a node is a weight that is known beforehand
 */
export function invariantThreads(
  graph: Graph,
  threads: number,
  isPacked: (node: GraphNode) => boolean,
): number {
  let most = threads;
  for (const node of nodesOf(Object.values(graph.outputs))) {
    if (node.operation.kind !== 'matMul') continue;
    const [a, b] = node.inputs as readonly [GraphNode, GraphNode];
    const inner = a.shape.at(node.operation.transposeA ? -2 : -1)!;
    if (typeof inner === 'number' && inner <= TERMS_IN_ONE_GO) continue;
    if (b.shape.length === 2 && isPacked(b)) continue;
    most = Math.min(most, b.shape.length === 2 ? 1 : leastBatch(node));
  }
  return most;
}
