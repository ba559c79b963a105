/** A piece of a row in a trie: tokens that follow each other, and the path that leads to the first of them. */
export interface TriePiece {
  /** The row it is from, as a number among the branches of a batch. */
  readonly branch: number;
  /** Positions of its tokens in the row: from `start` to before `end`. What stands before `start` is its path. */
  readonly start: number;
  readonly end: number;
}

/** How many shapes the pieces of a batch have: programs over tries have so many parts. */
export const TRIE_GROUPS = 6;

/** What a token costs beside its attention, and what fetching a token of the path costs: in tokens attended to. */
const TOKEN_COST = 300;
const FETCH_COST = 150;

const lengthOf = ({ start, end }: TriePiece): number => end - start;

/** What `count` pieces cost that are padded to so many tokens with paths of so many. */
const costOf = (count: number, time: number, path: number): number =>
  count * (time * (TOKEN_COST + time + path) + FETCH_COST * path);

interface Cut {
  readonly cost: number;
  readonly groups: readonly (readonly TriePiece[])[];
}

/** The cheapest cut of pieces, in the order that they have, into at most so many groups. */
function cheapestCut(pieces: readonly TriePiece[], most: number): Cut {
  /** What the first pieces cost, by how many they are, in as many groups as there were rounds; and where the last group begins. */
  let costs = pieces.map(() => Infinity);
  costs.unshift(0);
  const begins: number[][] = [];
  for (let round = 0; round < most; round++) {
    const next = [...costs];
    const begin = next.map((_, end) => end);
    for (let end = 1; end <= pieces.length; end++) {
      let [time, path] = [0, 0];
      for (let first = end - 1; first >= 0; first--) {
        const piece = pieces[first]!;
        time = Math.max(time, lengthOf(piece));
        path = Math.max(path, piece.start);
        const cost = costs[first]! + costOf(end - first, time, path);
        if (cost >= next[end]!) continue;
        next[end] = cost;
        begin[end] = first;
      }
    }
    costs = next;
    begins.push(begin);
  }
  const groups: TriePiece[][] = [];
  let end = pieces.length;
  for (const begin of begins.reverse()) {
    if (begin[end]! < end) groups.unshift(pieces.slice(begin[end], end));
    end = begin[end]!;
  }
  return { cost: costs[pieces.length]!, groups };
}

/** Orders in which pieces of like shape come near each other. */
const ORDERS: readonly ((a: TriePiece, b: TriePiece) => number)[] = [
  (a, b) => lengthOf(a) - lengthOf(b) || a.start - b.start,
  (a, b) => a.start - b.start || lengthOf(a) - lengthOf(b),
];

/** The longest that pieces may be: shorter ones attend to less that comes after them, and fetch more. */
const LENGTHS = [128, 256, 512, Infinity];

/** Cuts the new tokens of a row, from `start` on, into equal pieces of at most `most`. */
function cutRow(branch: number, start: number, end: number, most: number): TriePiece[] {
  const count = Math.ceil((end - start) / most) || Number(end > start);
  const at = (i: number): number => start + Math.round(((end - start) * i) / count);
  return Array.from({ length: count }, (_, i) => ({ branch, start: at(i), end: at(i + 1) }));
}

/**
 * Cuts the new tokens of rows into pieces, and puts pieces of like length and path into at most {@link TRIE_GROUPS} groups: of all the ways
 * tried, the one with the least estimated work, padding included.
 *
 * @param spans - for each row, from where to where its tokens are new
 */
export function groupPieces(
  spans: readonly { readonly start: number; readonly end: number }[],
): readonly (readonly TriePiece[])[] {
  let best: Cut = { cost: Infinity, groups: [] };
  for (const most of LENGTHS) {
    const pieces = spans.flatMap(({ start, end }, branch) => cutRow(branch, start, end, most));
    for (const order of ORDERS) {
      const cut = cheapestCut([...pieces].sort(order), TRIE_GROUPS);
      if (cut.cost < best.cost) best = cut;
    }
  }
  return best.groups;
}
