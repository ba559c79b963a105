import { InvalidInputError } from '@spark-rl/core';
import fc from 'fast-check';

import {
  alignToTargets,
  batchSequences,
  continuesTokens,
  type SequenceRow,
} from '../src/sequence-batch.js';

const row = (tokens: number[], targets: number[]): SequenceRow => ({
  tokens: Int32Array.from(tokens),
  targets: Int32Array.from(targets),
});

const randomRow: fc.Arbitrary<SequenceRow> = fc.integer({ min: 2, max: 120 }).chain((length) =>
  fc.record({
    tokens: fc.int32Array({ min: 0, max: 9, minLength: length, maxLength: length }),
    targets: fc
      .uniqueArray(fc.integer({ min: 1, max: length - 1 }), { maxLength: 20 })
      .map((targets) => Int32Array.from(targets).sort()),
  }),
);

describe('batchSequences', () => {
  it('pads, and points each target at the token before it', () => {
    const [batch, ...others] = batchSequences([row([5, 6, 7], [2]), row([1, 2, 3, 4], [1, 3])], {
      tokenBudget: 64,
      contextLength: 100,
    });
    expect(others).toEqual([]);
    expect(batch).toMatchObject({ rows: [0, 1], batch: 2, time: 32, targetCount: 3 });
    expect([...batch!.tokens.slice(0, 4)]).toEqual([5, 6, 7, 0]);
    expect([...batch!.tokens.slice(32, 37)]).toEqual([1, 2, 3, 4, 0]);
    expect([...batch!.positions.slice(0, 4)]).toEqual([1, 32, 34, 0]);
    expect([...batch!.targetTokens.slice(0, 4)]).toEqual([7, 2, 4, 0]);
    expect(batch!.positions.length).toBe(32);
    const values = [[0.5], [1, 2]];
    expect([...alignToTargets(batch!, (index) => values[index]!).slice(0, 4)]).toEqual([
      0.5, 1, 2, 0,
    ]);
  });

  it('starts another batch when the budget is full, or when padding costs more than a run', () => {
    const long = row(
      Array.from({ length: 90 }, () => 1),
      [1],
    );
    const short = row([1, 2], [1]);
    const shapes = (rows: SequenceRow[], tokenBudget: number): number[][] =>
      batchSequences(rows, { tokenBudget, contextLength: 90 }).map(({ batch, time }) => [
        batch,
        time,
      ]);
    expect(shapes([long, long, long], 180)).toEqual([
      [2, 90],
      [1, 90],
    ]);
    expect(shapes([long, short, short], 1000)).toEqual([
      [1, 90],
      [2, 32],
    ]);
    // A run costs a 16th of the budget: 62 tokens are less than the padding of two short rows, 250 are more.
    expect(shapes([long, short, short], 4000)).toEqual([[3, 90]]);
    expect(shapes([long, short, long, short, short], 180)).toEqual([
      [2, 90],
      [3, 32],
    ]);
    expect(shapes([long], 10)).toEqual([[1, 90]]);
  });

  it('keeps every row once, whole, within the budget', () => {
    fc.assert(
      fc.property(
        fc.array(randomRow, { maxLength: 20 }),
        fc.integer({ min: 1, max: 600 }),
        (rows, tokenBudget) => {
          const batches = batchSequences(rows, { tokenBudget, contextLength: 120 });
          expect(batches.flatMap((batch) => batch.rows).sort((a, b) => a - b)).toEqual([
            ...rows.keys(),
          ]);
          for (const {
            rows: chosen,
            batch,
            time,
            tokens,
            positions,
            targetTokens,
            targetCount,
          } of batches) {
            expect(batch === 1 || batch * time <= tokenBudget).toBe(true);
            expect(tokens.length).toBe(batch * time);
            expect(time === 120 || time % 32 === 0).toBe(true);
            const expected = chosen.flatMap((index, place) => {
              const { tokens: own, targets } = rows[index]!;
              expect([...tokens.slice(place * time, (place + 1) * time)]).toEqual([
                ...own,
                ...new Array<number>(time - own.length).fill(0),
              ]);
              return [...targets].map((target) => [place * time + target - 1, own[target]]);
            });
            expect(targetCount).toBe(expected.length);
            expect(
              [...positions.slice(0, targetCount)].map((p, i) => [p, targetTokens[i]]),
            ).toEqual(expected);
          }
        },
      ),
    );
  });

  it('refuses a row that is too long, and targets that nothing predicts', () => {
    const options = { tokenBudget: 64, contextLength: 3 };
    expect(() => batchSequences([row([1, 2, 3, 4], [1])], options)).toThrow(
      'row 0 has 4 tokens, the model takes 3',
    );
    for (const targets of [[0], [2, 1], [1, 1], [3]]) {
      expect(() => batchSequences([row([1, 2, 3], targets)], options)).toThrow(InvalidInputError);
    }
  });
});

describe('continuesTokens', () => {
  it('compares with the two parts one after the other', () => {
    const check = (tokens: number[], first: number[], second: number[]): boolean =>
      continuesTokens(Int32Array.from(tokens), Int32Array.from(first), Int32Array.from(second));
    expect(check([1, 2, 3, 4], [1, 2], [3])).toBe(true);
    expect(check([1, 2, 3], [1, 2], [3])).toBe(true);
    expect(check([1, 2, 4], [1, 2], [3])).toBe(false);
    expect(check([1, 5, 3], [1, 2], [3])).toBe(false);
    expect(check([1, 2], [1, 2], [3])).toBe(false);
  });
});
