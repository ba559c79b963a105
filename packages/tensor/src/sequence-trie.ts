import {
  checkRow,
  padTargets,
  roundUp,
  type SequenceBatch,
  type SequenceRow,
} from './sequence-batch.js';

/** Rows laid over each other where they begin alike: one row of the model, whose tokens form a forest. */
export interface TrieBatch extends SequenceBatch {
  /** Shape [time]: where the token before each token stands; -1 at the beginning of a sequence and at padding. */
  readonly parents: Int32Array;
}

/** How rows are laid over each other. */
export interface TrieOptions {
  /** The most tokens of a forest; a single longer row still makes one of its own. Attention takes the square of it. */
  readonly trieTokens: number;
  /** The longest row that the model takes. */
  readonly contextLength: number;
}

/** What comes first in the order of a dictionary, where a beginning comes before what it begins. */
function compareTokens(a: Int32Array, b: Int32Array): number {
  const shorter = Math.min(a.length, b.length);
  for (let i = 0; i < shorter; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}

function sharedLength(a: Int32Array, b: Int32Array): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length += 1;
  return length;
}

/** A forest while it grows. Rows come in order, so that what a row shares with the forest it shares with the row before. */
interface Growing {
  readonly rows: number[];
  readonly tokens: number[];
  readonly parents: number[];
  readonly positions: number[];
  readonly targetTokens: number[];
  /** The last row's tokens, and where each of them stands. */
  readonly last: Int32Array;
  readonly slots: readonly number[];
}

const empty = (): Growing => ({
  rows: [],
  tokens: [],
  parents: [],
  positions: [],
  targetTokens: [],
  last: new Int32Array(0),
  slots: [],
});

function addRow(
  forest: Growing,
  row: number,
  context: Int32Array,
  { tokens, targets }: SequenceRow,
): Growing {
  const slots = forest.slots.slice(0, sharedLength(forest.last, context));
  for (let i = slots.length; i < context.length; i++) {
    forest.parents.push(slots[i - 1] ?? -1);
    slots.push(forest.tokens.push(context[i]!) - 1);
  }
  forest.rows.push(row);
  for (const target of targets) {
    forest.positions.push(slots[target - 1]!);
    forest.targetTokens.push(tokens[target]!);
  }
  return { ...forest, last: context, slots };
}

function finish({ rows, tokens, parents, positions, targetTokens }: Growing): TrieBatch {
  const time = roundUp(tokens.length);
  const padded = new Int32Array(time);
  padded.set(tokens);
  const before = new Int32Array(time).fill(-1);
  before.set(parents);
  return {
    rows,
    batch: 1,
    time,
    tokens: padded,
    parents: before,
    ...padTargets(positions, targetTokens),
  };
}

/**
 * Lays rows over each other as a trie of tokens, so that what several of them begin with goes through the model once: the paths of a tree, the
 * siblings at a fork, the samples of one prompt. A target is predicted from the place where its row has come to, which is that of every row
 * with the same beginning; nothing is approximated. For models that offer `prepareTrie`. Tokens that predict nothing are left out.
 *
 * Every row stands in exactly one batch; deterministic in the rows.
 *
 * @throws InvalidInputError naming a row that is too long or has targets out of range
 */
export function batchTries(
  rows: readonly SequenceRow[],
  { trieTokens, contextLength }: TrieOptions,
): TrieBatch[] {
  const contexts = rows.map((row, index) => {
    checkRow(row, index, contextLength);
    return row.tokens.subarray(0, row.targets.at(-1) ?? 0);
  });
  const order = [...rows.keys()].sort((a, b) => compareTokens(contexts[a]!, contexts[b]!) || a - b);
  const batches: TrieBatch[] = [];
  let forest = empty();
  for (const row of order) {
    const context = contexts[row]!;
    const added = context.length - sharedLength(forest.last, context);
    if (forest.rows.length > 0 && forest.tokens.length + added > trieTokens) {
      batches.push(finish(forest));
      forest = empty();
    }
    forest = addRow(forest, row, context, rows[row]!);
  }
  if (forest.rows.length > 0) batches.push(finish(forest));
  return batches;
}
