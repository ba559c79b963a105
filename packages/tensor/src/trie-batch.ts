import {
  checkRow,
  padTargets,
  type SequenceBatchOptions,
  type SequenceRow,
} from './sequence-batch.js';
import { groupPieces, TRIE_GROUPS, type TriePiece } from './trie-pieces.js';

/** Pieces of rows, padded to one length, with the paths that lead to them, padded to one length too. */
export interface TrieGroup {
  /** How many pieces; at least 1, which is padding where nothing else is there. */
  readonly batch: number;
  readonly time: number;
  /** Places for a path. */
  readonly path: number;
  /** Shape [batch * time], row-major, padded at the end of each piece with id 0. */
  readonly tokens: Int32Array;
  /** Shape [batch * time]: the position of each token in its row; -1 at padding. */
  readonly depths: Int32Array;
  /** Shape [batch * path]: where the token at each position of a piece's path stands, in the tokens of all groups; 0 at padding. */
  readonly ancestors: Int32Array;
  /** Shape [batch]: how many of them are real. */
  readonly pathLengths: Int32Array;
}

/**
 * Rows laid over each other where they begin alike: every token that several of them share stands once. The tokens of a row stand in pieces;
 * a token attends to the path that leads to its piece and, within the piece, to what comes before it.
 */
export interface TrieBatch {
  /** Which rows these are: indices into the list that was batched. */
  readonly rows: readonly number[];
  readonly groups: readonly TrieGroup[];
  /** Shape [n]: for each target the place, in the tokens of all groups one after the other, that predicts it. */
  readonly positions: Int32Array;
  readonly targetTokens: Int32Array;
  readonly targetCount: number;
}

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

/** Cuts branches into batches of about so many tokens; the first of a batch repeats what it shares with the one before. */
function cutBatches(branches: readonly Branch[], tokenBudget: number): Branch[][] {
  const batches: Branch[][] = [];
  let room = 0;
  for (const branch of branches) {
    const added = branch.context.length - branch.shared;
    if (batches.length > 0 && added <= room) {
      batches.at(-1)!.push(branch);
      room -= added;
    } else {
      batches.push([{ ...branch, shared: 0 }]);
      room = tokenBudget - branch.context.length;
    }
  }
  return batches;
}

const roundTo = (n: number, multiple: number): number =>
  Math.max(1, Math.ceil(n / multiple)) * multiple;

/** An empty group of the shape that pieces need. */
function emptyGroup(pieces: readonly TriePiece[]): TrieGroup {
  const batch = Math.max(1, pieces.length);
  const time = roundTo(Math.max(0, ...pieces.map(({ start, end }) => end - start)), 8);
  const path = roundTo(Math.max(0, ...pieces.map(({ start }) => start)), 8);
  return {
    batch,
    time,
    path,
    tokens: new Int32Array(batch * time),
    depths: new Int32Array(batch * time).fill(-1),
    ancestors: new Int32Array(batch * path),
    pathLengths: new Int32Array(batch),
  };
}

function layOut(rows: readonly SequenceRow[], branches: readonly Branch[]): TrieBatch {
  const spans = branches.map(({ context, shared }) => ({ start: shared, end: context.length }));
  const grouped = groupPieces(spans);
  const groups = Array.from({ length: TRIE_GROUPS }, (_, i) => emptyGroup(grouped[i] ?? []));
  /** Where the new tokens of each branch stand, by their positions. */
  const places = branches.map(({ context }) => new Int32Array(context.length));
  let first = 0;
  for (const [g, group] of groups.entries()) {
    for (const [i, { branch, start, end }] of (grouped[g] ?? []).entries()) {
      for (let depth = start; depth < end; depth++) {
        const at = i * group.time + depth - start;
        group.tokens[at] = branches[branch]!.context[depth]!;
        group.depths[at] = depth;
        places[branch]![depth] = first + at;
      }
    }
    first += group.tokens.length;
  }
  // What is shared stands where the row before has it.
  for (const [i, { shared }] of branches.entries())
    if (shared > 0) places[i]!.set(places[i - 1]!.subarray(0, shared));
  for (const [g, group] of groups.entries()) {
    for (const [i, { branch, start }] of (grouped[g] ?? []).entries()) {
      group.ancestors.set(places[branch]!.subarray(0, start), i * group.path);
      group.pathLengths[i] = start;
    }
  }
  const at = branches.flatMap(({ row }, i) =>
    Array.from(rows[row]!.targets, (target) => places[i]![target - 1]!),
  );
  const next = branches.flatMap(({ row }) =>
    Array.from(rows[row]!.targets, (target) => rows[row]!.tokens[target]!),
  );
  return { rows: branches.map(({ row }) => row), groups, ...padTargets(at, next) };
}

/**
 * Lays rows over each other as a trie of tokens, so that what several of them begin with goes through the model once: the paths of a tree, the
 * siblings at a fork, the samples of one prompt. A target is predicted from the place where its row has come to, which is that of every row
 * with the same beginning; nothing is approximated. For models that offer `tries`. Tokens that predict nothing are left out.
 *
 * The work of attention is that of new tokens with their own paths, whatever the shape of the trie. Every row stands in exactly one batch;
 * where the token budget, counted before padding, ends one, the next repeats the beginning that they share. Deterministic in the rows.
 *
 * @throws InvalidInputError naming a row that is too long or has targets out of range
 */
export function batchTries(
  rows: readonly SequenceRow[],
  { tokenBudget, contextLength }: SequenceBatchOptions,
): TrieBatch[] {
  for (const [index, row] of rows.entries()) checkRow(row, index, contextLength);
  return cutBatches(branchesOf(rows), tokenBudget).map((branches) => layOut(rows, branches));
}
