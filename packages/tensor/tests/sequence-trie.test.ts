import { randomSource } from '@spark-rl/core';
import fc from 'fast-check';

import { batchTries, type SequenceRow, type TrieBatch } from '../src/index.js';

const row = (tokens: number[], targets: number[]): SequenceRow => ({
  tokens: Int32Array.from(tokens),
  targets: Int32Array.from(targets),
});
const options = { trieTokens: 1000, contextLength: 64 };

/** The tokens from the beginning of a sequence to a place of the forest. */
function spelled({ tokens, parents }: TrieBatch, place: number): number[] {
  const path: number[] = [];
  for (let at = place; at >= 0; at = parents[at]!) path.unshift(tokens[at]!);
  return path;
}

describe('batchTries', () => {
  it('lays rows over each other as far as they are alike', () => {
    const rows = [row([1, 2, 3, 4], [2, 3]), row([5, 6], [1]), row([1, 2, 7, 8], [3])];
    const [batch, ...more] = batchTries(rows, options);
    expect(more).toEqual([]);
    expect(batch).toMatchObject({ batch: 1, time: 32, targetCount: 4, rows: [0, 2, 1] });
    // The last token of a row predicts nothing.
    expect([...batch!.tokens.slice(0, 6)]).toEqual([1, 2, 3, 7, 5, 0]);
    expect([...batch!.parents.slice(0, 6)]).toEqual([-1, 0, 1, 1, -1, -1]);
    expect([...batch!.positions.slice(0, 4)]).toEqual([1, 2, 3, 4]);
    expect([...batch!.targetTokens.slice(0, 4)]).toEqual([3, 4, 8, 6]);
    expect(batch!.positions.length).toBe(32);
  });

  it('begins another forest when one is full, also for a row that is longer', () => {
    const long = Array.from({ length: 40 }, (_, i) => i);
    const rows = [row(long, [39]), row([50, 51, 52], [1, 2]), row([50, 51, 53], [2])];
    const batches = batchTries(rows, { trieTokens: 3, contextLength: 64 });
    expect(batches.map((batch) => batch.rows)).toEqual([[0], [1, 2]]);
    expect(batches.map(({ time }) => time)).toEqual([64, 32]);
  });

  it('keeps every row once, and predicts every target after exactly its own beginning', () => {
    fc.assert(
      fc.property(fc.nat(100_000), fc.integer({ min: 1, max: 80 }), (seed, trieTokens) => {
        const random = randomSource(['tries', seed]);
        // Three tokens only: rows often begin alike, or are equal.
        const rows = Array.from({ length: random.integer(12) }, () => {
          const tokens = Array.from({ length: 2 + random.integer(10) }, () => random.integer(3));
          const targets = tokens.flatMap((_, i) => (i > 0 && random.uniform() < 0.5 ? [i] : []));
          return row(tokens, targets.length > 0 ? targets : [1]);
        });
        const batches = batchTries(rows, { trieTokens, contextLength: 12 });
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
          const paths = batch.parents.reduce((sum, parent) => sum + Number(parent >= 0), 0);
          const longest = Math.max(...batch.rows.map((index) => rows[index]!.tokens.length));
          expect(paths).toBeLessThan(Math.max(trieTokens, longest));
        }
      }),
    );
  });

  it('names a row that is too long', () => {
    expect(() => batchTries([row([1, 2, 3], [1])], { trieTokens: 9, contextLength: 2 })).toThrow(
      /row 0 has 3 tokens, the model takes 2/,
    );
  });
});
