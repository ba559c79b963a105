import {
  checkRow,
  padTargets,
  roundUp,
  type SequenceBatch,
  type SequenceBatchOptions,
  type SequenceRow,
} from './sequence-batch.js';

/**
 * Tokens of a trie in blocks. Those of a block follow each other in some row, and attend to the path that leads to them, wherever its
 * tokens stand.
 */
export interface TrieBlocks extends Pick<SequenceBatch, 'batch' | 'time' | 'tokens'> {
  /** Places for the path of a block. */
  readonly keys: number;
  /** Shape [batch * time]: the position of each token in its row; 0 at padding. */
  readonly depths: Int32Array;
  /** Shape [batch * keys]: where in `tokens` the token at each position of a block's path stands, to its last token; 0 at padding. */
  readonly ancestors: Int32Array;
}

/** Rows laid over each other where they begin alike: every token that several of them share stands once. */
export interface TrieBatch extends SequenceBatch, TrieBlocks {}

/** What comes first in the order of a dictionary, where a beginning comes before what it begins. */
function compareTokens(a: Int32Array, b: Int32Array): number {
  const shared = sharedLength(a, b);
  return shared < Math.min(a.length, b.length) ? a[shared]! - b[shared]! : a.length - b.length;
}

function sharedLength(a: Int32Array, b: Int32Array): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length += 1;
  return length;
}

/** A row as the trie sees it: what its targets are predicted from, and how much of that the row before has too. */
interface Branch {
  readonly row: number;
  readonly context: Int32Array;
  readonly shared: number;
}

/** In dictionary order, so that what a row shares with all rows before it, it shares with the last of them. */
function branchesOf(rows: readonly SequenceRow[]): Branch[] {
  const contexts = rows.map(({ tokens, targets }) => tokens.subarray(0, targets.at(-1) ?? 0));
  const order = [...rows.keys()].sort((a, b) => compareTokens(contexts[a]!, contexts[b]!) || a - b);
  return order.map((row, i) => ({
    row,
    context: contexts[row]!,
    shared: i === 0 ? 0 : sharedLength(contexts[order[i - 1]!]!, contexts[row]!),
  }));
}

/** Lengths of blocks to choose from. */
const TIMES = [32, 64, 96, 128, 192, 256, 384, 512];
/** What a token costs beside its attention, and what fetching a token of the path costs: in tokens attended to. */
const TOKEN_COST = 512;
const ANCESTOR_COST = 24;

/** The length of blocks that costs least: short ones fetch their paths more often, long ones have more padding. */
function cheapestTime(branches: readonly Branch[]): number {
  const keys = Math.max(0, ...branches.map(({ context }) => context.length));
  const cost = (time: number): number =>
    branches.reduce(
      (sum, { context, shared }) =>
        sum +
        Math.ceil((context.length - shared) / time) *
          (time * (TOKEN_COST + keys) + ANCESTOR_COST * keys),
      0,
    );
  return TIMES.reduce((best, time) => (cost(time) < cost(best) ? time : best));
}

/** Cuts branches into groups of at most so many blocks; the first of a group repeats what it shares with the one before. */
function groupBranches(branches: readonly Branch[], time: number, blocks: number): Branch[][] {
  const groups: Branch[][] = [];
  let room = 0;
  for (const branch of branches) {
    const needed = Math.ceil((branch.context.length - branch.shared) / time);
    if (groups.length > 0 && needed <= room) {
      groups.at(-1)!.push(branch);
      room -= needed;
    } else {
      groups.push([{ ...branch, shared: 0 }]);
      room = blocks - Math.ceil(branch.context.length / time);
    }
  }
  return groups;
}

function layOut(
  rows: readonly SequenceRow[],
  branches: readonly Branch[],
  time: number,
): TrieBatch {
  const batch = Math.max(
    1,
    branches.reduce(
      (sum, { context, shared }) => sum + Math.ceil((context.length - shared) / time),
      0,
    ),
  );
  const keys = roundUp(Math.max(...branches.map(({ context }) => context.length)));
  const tokens = new Int32Array(batch * time);
  const depths = new Int32Array(batch * time);
  const ancestors = new Int32Array(batch * keys);
  const positions: number[] = [];
  const targetTokens: number[] = [];
  /** Where the tokens of the row stand. */
  const places: number[] = [];
  let block = 0;
  for (const { row, context, shared } of branches) {
    for (let start = shared; start < context.length; start += time) {
      const end = Math.min(start + time, context.length);
      for (let depth = start; depth < end; depth++) {
        const place = block * time + depth - start;
        tokens[place] = context[depth]!;
        depths[place] = depth;
        places[depth] = place;
      }
      for (let depth = 0; depth < end; depth++) ancestors[block * keys + depth] = places[depth]!;
      block += 1;
    }
    for (const target of rows[row]!.targets) {
      positions.push(places[target - 1]!);
      targetTokens.push(rows[row]!.tokens[target]!);
    }
  }
  return {
    rows: branches.map(({ row }) => row),
    batch,
    time,
    keys,
    tokens,
    depths,
    ancestors,
    ...padTargets(positions, targetTokens),
  };
}

/**
 * Lays rows over each other as a trie of tokens, so that what several of them begin with goes through the model once: the paths of a tree, the
 * siblings at a fork, the samples of one prompt. A target is predicted from the place where its row has come to, which is that of every row
 * with the same beginning; nothing is approximated. For models that offer `tries`. Tokens that predict nothing are left out.
 *
 * The work of attention is that of the tokens with their own paths, whatever the shape of the trie. Every row stands in exactly one batch;
 * where the token budget ends one, the next repeats the beginning that they share. All batches have blocks of one length, chosen by what the
 * work is estimated to cost. Deterministic in the rows.
 *
 * @throws InvalidInputError naming a row that is too long or has targets out of range
 */
export function batchTries(
  rows: readonly SequenceRow[],
  { tokenBudget, contextLength }: SequenceBatchOptions,
): TrieBatch[] {
  for (const [index, row] of rows.entries()) checkRow(row, index, contextLength);
  const branches = branchesOf(rows);
  const time = cheapestTime(branches);
  return groupBranches(branches, time, Math.floor(tokenBudget / time)).map((group) =>
    layOut(rows, group, time),
  );
}
