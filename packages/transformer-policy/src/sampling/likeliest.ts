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

/** The tokens whose weight is positive and at least `floor`, in the order of `ids`. */
function atLeast(weights: Float64Array, ids: Int32Array, floor: number): Int32Array {
  const found = new Int32Array(ids.length);
  let count = 0;
  for (const id of ids) {
    const weight = weights[id]!;
    if (weight > 0 && weight >= floor) found[count++] = id;
  }
  return found.subarray(0, count);
}

/** Takes tokens off in the order of their weights, likeliest first, equals by id; found one by one, since few are wanted of many. */
function descending(weights: Float64Array, heap: Int32Array): () => number | undefined {
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
    if (size === 0) return undefined;
    const first = heap[0]!;
    size -= 1;
    heap[0] = heap[size]!;
    if (size > 0) sink(0);
    return first;
  };
}

/** The first few of `next` that top-k and top-p keep; null when it ends before they have enough. */
function firstFew(
  weights: Float64Array,
  next: () => number | undefined,
  total: number,
  { topK = Infinity, topP = 1 }: Truncation,
): number[] | null {
  const kept: number[] = [];
  let available = total;
  if (topK < Infinity) {
    available = 0;
    while (kept.length < topK) {
      const id = next();
      if (id === undefined) return null;
      available += weights[id]!;
      kept.push(id);
    }
    if (topP === 1) return kept;
  }
  let sum = 0;
  for (let count = 0; ; count++) {
    if (sum >= topP * available || count === topK) return kept.slice(0, count);
    const id = kept[count] ?? next();
    if (id === undefined) return null;
    kept[count] = id;
    sum += weights[id]!;
  }
}

/** Nearly always the few tokens above the first of these shares of the largest weight are enough, and the others need no sorting. */
const SHARES = [2 ** -10, 2 ** -20];

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
  { topK, topP = 1, minP = 0 }: Truncation,
): Int32Array {
  let most = 0;
  let total = 0;
  for (const id of ids) {
    const weight = weights[id]!;
    if (weight > most) most = weight;
    total += weight;
  }
  const least = minP * most;
  if (topK === undefined && topP === 1) return atLeast(weights, ids, least);
  for (const share of SHARES) {
    const next = descending(weights, atLeast(weights, ids, share * most));
    const kept = firstFew(weights, next, total, { topK, topP });
    if (kept !== null) return atLeast(weights, Int32Array.from(kept).sort(), least);
  }
  const all = atLeast(weights, ids, 0);
  const cut = { topK: topK === undefined ? undefined : Math.min(topK, all.length), topP };
  const kept = firstFew(weights, descending(weights, all.slice()), total, cut) ?? all;
  return atLeast(weights, Int32Array.from(kept).sort(), least);
}
