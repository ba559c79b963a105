import type { HostTensor } from '@spark-rl/tensor';
import fc from 'fast-check';

import { keyValuePool, SLOT_STEP } from '../src/key-value-pool.js';

const shape = { layers: 2, heads: 2, headDim: 3 };
const ROWS = 3;

function tensor(count: number, time: number, base: number): HostTensor {
  const size = count * shape.heads * time * shape.headDim;
  const data = Float32Array.from({ length: size }, (_, i) => base + i);
  return { dtype: 'float32', shape: [count, shape.heads, time, shape.headDim], data };
}

/** All values of the first `length` positions of a row: layers, then keys and values, heads, positions. */
function readRow(pool: ReturnType<typeof keyValuePool>, row: number, length: number): number[] {
  return Array.from({ length: shape.layers }, (_, layer) => {
    const { keys, values } = pool.view(layer, row, 1);
    return [keys, values].flatMap(({ data, shape: [, heads, slots, headDim] }) =>
      Array.from({ length: heads! }, (__, head) => {
        const at = head * slots! * headDim!;
        return [...data.subarray(at, at + length * headDim!)];
      }).flat(),
    );
  }).flat();
}

function filled(lengths: readonly number[]): ReturnType<typeof keyValuePool> {
  const pool = keyValuePool(shape, ROWS);
  pool.resize(Math.max(...lengths), []);
  lengths.forEach((length, row) => {
    for (let layer = 0; layer < shape.layers; layer++) {
      const base = 1e6 * (row + 1) + 1e5 * layer;
      const added = { keys: tensor(1, length, base), values: tensor(1, length, base + 5e4) };
      pool.write(layer, row, added, [0], [length]);
    }
  });
  return pool;
}

const lengths = fc.array(fc.integer({ min: 1, max: 150 }), { minLength: ROWS, maxLength: ROWS });

describe('keyValuePool', () => {
  it('keeps every row when its stride changes', () => {
    fc.assert(
      fc.property(
        lengths,
        fc.array(fc.integer({ min: 150, max: 400 }), { maxLength: 4 }),
        (rows, strides) => {
          const pool = filled(rows);
          const before = rows.map((length, row) => readRow(pool, row, length));
          for (const length of [...strides, Math.max(...rows)]) {
            pool.resize(length, rows);
            expect(pool.slots() % SLOT_STEP).toBe(0);
            expect(pool.slots() - length).toBeGreaterThanOrEqual(0);
            expect(pool.slots() - length).toBeLessThan(SLOT_STEP);
            expect(rows.map((size, row) => readRow(pool, row, size))).toEqual(before);
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  it('gives back what it stored, in pieces', () => {
    fc.assert(
      fc.property(lengths, fc.nat(150), (rows, cut) => {
        const pool = filled(rows);
        const before = readRow(pool, 0, rows[0]!);
        const middle = Math.min(cut, rows[0]!);
        const head = pool.store(0, 0, middle);
        const tail = pool.store(0, middle, rows[0]!);
        pool.load(1, 0, head, 0, head.length);
        pool.load(1, middle, tail, 0, tail.length);
        expect(readRow(pool, 1, rows[0]!)).toEqual(before);
        pool.copyRow(1, 2, rows[0]!);
        expect(readRow(pool, 2, rows[0]!)).toEqual(before);
        expect(readRow(pool, 0, rows[0]!)).toEqual(before);
      }),
      { numRuns: 30 },
    );
  });

  it('writes each row where its new positions begin, and leaves padding out', () => {
    const pool = keyValuePool({ layers: 1, heads: 1, headDim: 1 }, ROWS);
    const time = 3;
    const data = Float32Array.of(1, 2, 3, 4, 5, 6);
    const added: HostTensor = { dtype: 'float32', shape: [2, 1, time, 1], data };
    pool.write(0, 1, { keys: added, values: added }, [0, 5], [3, 2]);
    const { keys } = pool.view(0, 0, 3);
    expect([...keys.data.subarray(0, 3)]).toEqual([0, 0, 0]);
    expect([...keys.data.subarray(64, 68)]).toEqual([1, 2, 3, 0]);
    expect([...keys.data.subarray(128, 136)]).toEqual([0, 0, 0, 0, 0, 4, 5, 0]);
  });
});
