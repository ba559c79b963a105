import { randomSource, type RandomSource } from '@spark-rl/core';
import fc from 'fast-check';

import { batchTries, TRIE_GROUPS, type SequenceRow, type TrieBatch } from '../src/index.js';
import { groupPieces } from '../src/trie-pieces.js';

const row = (tokens: number[], targets: number[]): SequenceRow => ({
  tokens: Int32Array.from(tokens),
  targets: Int32Array.from(targets),
});

/** Rows that often begin alike, or are equal. */
const randomRows = (random: RandomSource, longest: number): SequenceRow[] => {
  const rows: SequenceRow[] = [];
  const count = 1 + random.integer(12);
  while (rows.length < count) {
    const like = rows.length > 0 && random.uniform() < 0.7 ? random.pick(rows).tokens : [];
    const kept = [...like].slice(0, random.integer(like.length + 1));
    const added = 2 + random.integer(longest - 2);
    const tokens = [...kept, ...Array.from({ length: added }, () => random.integer(3))];
    const cut = tokens.slice(0, longest);
    const targets = cut.flatMap((_, i) => (i > 0 && random.uniform() < 0.5 ? [i] : []));
    rows.push(row(cut, targets.length > 0 ? targets : [1]));
  }
  return rows;
};

const flat = <T>(
  { groups }: TrieBatch,
  valuesOf: (group: TrieBatch['groups'][number]) => T[],
): T[] => groups.flatMap(valuesOf);

/** What the token at a place sees, itself included, in order: the path of its piece, then its piece. */
function spelled(batch: TrieBatch, place: number): number[] {
  const all = flat(batch, ({ tokens }) => [...tokens]);
  let first = 0;
  for (const { tokens, time, path, ancestors, pathLengths } of batch.groups) {
    if (place >= first + tokens.length) {
      first += tokens.length;
      continue;
    }
    const piece = Math.floor((place - first) / time);
    const before = ancestors.slice(piece * path, piece * path + pathLengths[piece]!);
    const own = tokens.slice(piece * time, place - first + 1);
    return [...[...before].map((at) => all[at]!), ...own];
  }
  throw new Error('beyond the batch');
}

const uniqueTokens = (batch: TrieBatch): number =>
  flat(batch, ({ depths }) => [...depths]).filter((depth) => depth >= 0).length;

/** How many different beginnings the contexts of rows have. */
const beginnings = (rows: readonly SequenceRow[]): number =>
  new Set(
    rows.flatMap(({ tokens, targets }) =>
      Array.from({ length: targets.at(-1)! }, (_, i) => tokens.slice(0, i + 1).join()),
    ),
  ).size;

describe('batchTries', () => {
  it('lays rows over each other as far as they are alike', () => {
    const rows = [row([1, 2, 3, 4], [2, 3]), row([5, 6], [1]), row([1, 2, 7, 8], [3])];
    const [batch, ...more] = batchTries(rows, { tokenBudget: 99, contextLength: 4 });
    expect(more).toEqual([]);
    expect(batch).toMatchObject({ targetCount: 4, rows: [0, 2, 1] });
    expect(batch!.groups.length).toBe(TRIE_GROUPS);
    // 1 2 3, 7 and 5: the last token of a row predicts nothing.
    expect(uniqueTokens(batch!)).toBe(5);
    const seen = [...batch!.positions.slice(0, 4)].map((place) => spelled(batch!, place));
    expect(seen).toEqual([[1, 2], [1, 2, 3], [1, 2, 7], [5]]);
    expect([...batch!.targetTokens.slice(0, 4)]).toEqual([3, 4, 8, 6]);
    expect(batch!.positions.length).toBe(32);
  });

  it('predicts every target once, after exactly its own beginning, and each shared token stands once', () => {
    fc.assert(
      fc.property(fc.nat(100_000), fc.integer({ min: 1, max: 400 }), (seed, tokenBudget) => {
        const random = randomSource(['tries', seed]);
        const longest = random.pick([5, 40, 150]);
        const rows = randomRows(random, longest);
        const batches = batchTries(rows, { tokenBudget, contextLength: longest });
        const seen = batches.flatMap((batch) => batch.rows);
        expect([...seen].sort((a, b) => a - b)).toEqual([...rows.keys()]);
        for (const batch of batches) {
          let at = 0;
          for (const index of batch.rows) {
            const { tokens, targets } = rows[index]!;
            for (const target of targets) {
              expect(spelled(batch, batch.positions[at]!)).toEqual([...tokens.slice(0, target)]);
              expect(batch.targetTokens[at++]).toBe(tokens[target]);
            }
          }
          expect(batch.targetCount).toBe(at);
          const members = batch.rows.map((index) => rows[index]!);
          expect(uniqueTokens(batch)).toBe(beginnings(members));
          expect(uniqueTokens(batch)).toBeLessThanOrEqual(Math.max(tokenBudget, longest));
        }
      }),
      { numRuns: 40 },
    );
  });

  it('puts a token at its position in the row, and padding nowhere', () => {
    const rows = randomRows(randomSource(['depths']), 200);
    for (const { groups } of batchTries(rows, { tokenBudget: 1e6, contextLength: 200 })) {
      for (const { batch, time, depths, pathLengths } of groups) {
        for (let piece = 0; piece < batch; piece++) {
          const found = [...depths.slice(piece * time, (piece + 1) * time)];
          const length = found.filter((depth) => depth >= 0).length;
          expect(found).toEqual(found.map((_, i) => (i < length ? pathLengths[piece]! + i : -1)));
        }
      }
    }
  });

  it('gives the same for the same rows', () => {
    const rows = () => randomRows(randomSource(['again']), 100);
    const options = { tokenBudget: 150, contextLength: 100 };
    expect(batchTries(rows(), options)).toEqual(batchTries(rows(), options));
  });

  it('names a row that is too long, or whose targets are out of range', () => {
    expect(() => batchTries([row([1, 2, 3], [1])], { tokenBudget: 9, contextLength: 2 })).toThrow(
      /row 0 has 3 tokens, the model takes 2/,
    );
    expect(() => batchTries([row([1, 2], [0])], { tokenBudget: 9, contextLength: 2 })).toThrow(
      /row 0 has targets out of range/,
    );
  });
});

describe('groupPieces', () => {
  const padded = (groups: ReturnType<typeof groupPieces>): number =>
    groups.reduce(
      (sum, group) => sum + group.length * Math.max(...group.map(({ start, end }) => end - start)),
      0,
    );

  it('covers every new token once, in few groups with little padding', () => {
    const random = randomSource(['pieces']);
    for (let round = 0; round < 20; round++) {
      const spans = Array.from({ length: 1 + random.integer(30) }, () => {
        const start = random.integer(300);
        return { start, end: start + random.integer(400) };
      });
      const groups = groupPieces(spans);
      expect(groups.length).toBeLessThanOrEqual(TRIE_GROUPS);
      for (const [branch, { start, end }] of spans.entries()) {
        const pieces = groups
          .flat()
          .filter((piece) => piece.branch === branch)
          .sort((a, b) => a.start - b.start);
        let at = start;
        for (const piece of pieces) {
          expect(piece.start).toBe(at);
          expect(piece.end).toBeGreaterThan(at);
          at = piece.end;
        }
        expect(at).toBe(end);
      }
      const tokens = spans.reduce((sum, { start, end }) => sum + end - start, 0);
      if (spans.length > 12) expect(padded(groups)).toBeLessThan(1.35 * tokens);
    }
  });

  it('keeps pieces of one shape together', () => {
    const spans = [0, 100, 0, 100].map((start) => ({ start, end: start + 50 }));
    const groups = groupPieces(spans);
    expect(groups.map((group) => group.map(({ start }) => start))).toEqual([
      [0, 0],
      [100, 100],
    ]);
  });
});
