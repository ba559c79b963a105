import { floatsPerToken, type CacheShape, type KeyValueSegment } from './key-value-pool.js';

/** A run of cached positions: `length` of `segment` from its first position on. */
interface CachedRun {
  readonly segment: KeyValueSegment;
  readonly length: number;
}

/** The longest known prefix of a prompt. */
export interface PrefixMatch {
  readonly length: number;
  readonly runs: readonly CachedRun[];
}

/**
 * Keys and values of finished prompts and responses, found by their tokens: a radix tree, so that what two transcripts share is
 * stored once. When it holds more than its limit, the leaves that were used longest ago go first.
 */
export interface PrefixCache {
  /** False when it remembers nothing. */
  readonly enabled: boolean;
  /** The longest cached prefix of the first `limit` tokens. */
  readonly match: (tokens: Int32Array, limit: number) => PrefixMatch;
  /**
   * Remembers the first `length` tokens. `store` is called once, for the positions [start, end) that are not known yet, if there are any.
   */
  readonly insert: (
    tokens: Int32Array,
    length: number,
    store: (start: number, end: number) => KeyValueSegment,
  ) => void;
  readonly clear: () => void;
  /** How many tokens are held. */
  readonly size: () => number;
}

interface Node {
  tokens: Int32Array;
  segment: KeyValueSegment;
  parent: Node | null;
  readonly children: Map<number, Node>;
  lastUse: number;
}

const EMPTY: KeyValueSegment = { length: 0, data: new Float32Array(0) };

function node(tokens: Int32Array, segment: KeyValueSegment, parent: Node | null): Node {
  return { tokens, segment, parent, children: new Map(), lastUse: 0 };
}

/** How many tokens of `label` stand in `tokens` from `start` on, looking no further than `limit`. */
function commonLength(label: Int32Array, tokens: Int32Array, start: number, limit: number): number {
  const most = Math.min(label.length, limit - start);
  let length = 0;
  while (length < most && label[length] === tokens[start + length]) length++;
  return length;
}

/** Positions [start, end) of a segment as a segment of its own. */
function part(
  segment: KeyValueSegment,
  start: number,
  end: number,
  headDim: number,
): KeyValueSegment {
  const length = end - start;
  const data = new Float32Array((segment.data.length / segment.length) * length);
  const runs = data.length / (length * headDim);
  for (let run = 0; run < runs; run++) {
    const from = (run * segment.length + start) * headDim;
    data.set(segment.data.subarray(from, from + length * headDim), run * length * headDim);
  }
  return { length, data };
}

/** Opens a cache that holds at most about `maxBytes` of keys and values; 0 remembers nothing. */
export function prefixCache(shape: CacheShape, maxBytes: number): PrefixCache {
  const maxTokens = Math.floor(maxBytes / (4 * floatsPerToken(shape)));
  let root = node(new Int32Array(0), EMPTY, null);
  let held = 0;
  let clock = 0;

  /** Walks down as far as `tokens` are known; tells where it stopped and how much of the last node matched. */
  const descend = (
    tokens: Int32Array,
    limit: number,
    visit: (at: Node, matched: number) => void,
  ): { at: Node; matched: number; length: number } => {
    let at = root;
    let matched = 0;
    let length = 0;
    clock += 1;
    while (matched === at.tokens.length && length < limit) {
      const next = at.children.get(tokens[length]!);
      if (next === undefined) break;
      at = next;
      matched = commonLength(at.tokens, tokens, length, limit);
      length += matched;
      at.lastUse = clock;
      visit(at, matched);
    }
    return { at, matched, length };
  };

  /** Cuts a node in two after `matched` tokens and returns the upper one. */
  const split = (lower: Node, matched: number): Node => {
    const upper = node(
      lower.tokens.subarray(0, matched),
      part(lower.segment, 0, matched, shape.headDim),
      lower.parent,
    );
    upper.lastUse = lower.lastUse;
    lower.parent?.children.set(upper.tokens[0]!, upper);
    lower.segment = part(lower.segment, matched, lower.segment.length, shape.headDim);
    lower.tokens = lower.tokens.subarray(matched);
    lower.parent = upper;
    upper.children.set(lower.tokens[0]!, lower);
    return upper;
  };

  const leaves = (): Node[] => {
    const found: Node[] = [];
    const pending = [root];
    for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
      if (at.children.size === 0 && at !== root) found.push(at);
      pending.push(...at.children.values());
    }
    return found;
  };

  const evict = (): void => {
    // Down to nine tenths, so that the walk over all leaves is paid rarely.
    const goal = held > maxTokens ? 0.9 * maxTokens : maxTokens;
    while (held > goal) {
      for (const leaf of leaves().sort((a, b) => a.lastUse - b.lastUse)) {
        if (held <= goal) break;
        leaf.parent?.children.delete(leaf.tokens[0]!);
        held -= leaf.tokens.length;
      }
    }
  };

  return {
    enabled: maxTokens > 0,
    match: (tokens, limit) => {
      const runs: CachedRun[] = [];
      const { length } = descend(tokens, limit, (at, matched) => {
        if (matched > 0) runs.push({ segment: at.segment, length: matched });
      });
      return { length, runs };
    },
    insert: (tokens, length, store) => {
      if (maxTokens === 0) return;
      const found = descend(tokens, length, () => undefined);
      if (found.length === length) return;
      const parent =
        found.matched < found.at.tokens.length ? split(found.at, found.matched) : found.at;
      const added = node(tokens.slice(found.length, length), store(found.length, length), parent);
      added.lastUse = clock;
      parent.children.set(added.tokens[0]!, added);
      held += added.tokens.length;
      evict();
    },
    clear: () => {
      root = node(new Int32Array(0), EMPTY, null);
      held = 0;
    },
    size: () => held,
  };
}
