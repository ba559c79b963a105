/** How a distribution is cut down to its likeliest tokens. */
export interface Truncation {
  /** Keeps the `topK` likeliest tokens. */
  readonly topK?: number | undefined;
  /** Keeps the fewest likeliest tokens whose share of what `topK` left is at least this. */
  readonly topP?: number | undefined;
  /** Keeps the tokens whose probability is at least this share of the likeliest one's. */
  readonly minP?: number | undefined;
}

/** Whether a truncation can cut anything off. */
export const truncates = ({ topK, topP, minP }: Truncation): boolean =>
  topK !== undefined || (topP ?? 1) < 1 || (minP ?? 0) > 0;

/** Token ids in the order of their weights, likeliest first, equals by id; found one by one, since few are wanted of many. */
function descending(weights: Float64Array, ids: Int32Array): () => number {
  const heap = ids.slice();
  let size = heap.length;
  const before = (a: number, b: number): boolean => {
    const difference = weights[a]! - weights[b]!;
    return difference > 0 || (difference === 0 && a < b);
  };
  const sink = (from: number): void => {
    const id = heap[from]!;
    let at = from;
    for (let child = 2 * at + 1; child < size; child = 2 * at + 1) {
      if (child + 1 < size && before(heap[child + 1]!, heap[child]!)) child++;
      if (!before(heap[child]!, id)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = id;
  };
  for (let at = (size >> 1) - 1; at >= 0; at--) sink(at);
  return () => {
    const first = heap[0]!;
    size -= 1;
    heap[0] = heap[size]!;
    if (size > 0) sink(0);
    return first;
  };
}

/**
 * The tokens that a truncation leaves, in the order of their ids: never none. Top-k comes first, then top-p on what it left
 * (renormalised), then min-p. Each keeps the first few of one order, likeliest first and equals by their ids, so exactly `topK` tokens
 * stay also where several are equally likely.
 *
 * @param weights - [V], proportional to the probabilities, finite and not negative
 * @param ids - the tokens to choose from, at least one of positive weight; others have no chance
 */
export function likeliest(
  weights: Float64Array,
  ids: Int32Array,
  { topK, topP, minP }: Truncation,
): Int32Array {
  const possible = ids.filter((id) => weights[id]! > 0);
  const next = descending(weights, possible);
  const most = Math.min(topK ?? possible.length, possible.length);
  const kept: number[] = [];
  let available = 0;
  if (topK !== undefined && topP !== undefined) {
    for (let i = 0; i < most; i++) {
      const id = next();
      available += weights[id]!;
      kept.push(id);
    }
  } else {
    for (const id of possible) available += weights[id]!;
  }
  const goal = (topP ?? 1) < 1 ? topP! * available : Infinity;
  let least = 0;
  let sum = 0;
  let count = 0;
  while (count < most && sum < goal) {
    const id = kept[count] ?? next();
    if (count === 0) least = (minP ?? 0) * weights[id]!;
    if (weights[id]! < least) break;
    kept[count++] = id;
    sum += weights[id]!;
  }
  return Int32Array.from(kept.slice(0, count)).sort();
}
