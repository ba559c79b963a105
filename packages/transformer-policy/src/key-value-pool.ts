import type { HostTensor } from '@spark-rl/tensor';

import type { TransformerConfig } from './config.js';

/** Cache strides grow in these steps: padded attention gives the same bits for every multiple of it. */
export const SLOT_STEP = 64;

/** The sizes of a cache of keys and values. */
export interface CacheShape {
  readonly layers: number;
  /** Heads of keys and values: with grouped-query attention fewer than the heads that ask. */
  readonly heads: number;
  readonly headDim: number;
}

/** The cache that a model needs. */
export const cacheShape = (config: TransformerConfig): CacheShape => ({
  layers: config.layers,
  heads: config.keyValueHeads,
  headDim: config.headDim,
});

/** Keys and values of consecutive positions, taken out of a pool: [layers, 2 (keys, values), heads, length, headDim]. */
export interface KeyValueSegment {
  readonly length: number;
  readonly data: Float32Array;
}

/** How many floats the keys and values of one token take. */
export const floatsPerToken = (shape: CacheShape): number =>
  2 * shape.layers * shape.heads * shape.headDim;

/**
 * Keys and values of the rows in work: two buffers [rows, heads, slots, headDim] for each layer. Rows stand side by side, so any range
 * of them is a tensor without copying. Slot p of a row holds position p. Slots that no query may see hold stale but finite numbers.
 */
export interface KeyValuePool {
  /** The stride: how many positions each row has room for. */
  readonly slots: () => number;
  /** Makes the stride hold `length` positions, keeping the first `lengths[row]` ones of every row. */
  readonly resize: (length: number, lengths: readonly number[]) => void;
  /** The keys and values of a layer for rows [first, first + count), sharing memory with the pool. */
  readonly view: (
    layer: number,
    first: number,
    count: number,
  ) => { readonly keys: HostTensor; readonly values: HostTensor };
  /**
   * Writes new keys and values, each [count, heads, time, headDim], of rows from `first` on: the first `lengths[i]` of row i go to
   * slots from `starts[i]` on.
   */
  readonly write: (
    layer: number,
    first: number,
    added: { readonly keys: HostTensor; readonly values: HostTensor },
    starts: readonly number[],
    lengths: readonly number[],
  ) => void;
  /** Copies the first `length` slots of one row to another. */
  readonly copyRow: (from: number, to: number, length: number) => void;
  /** Copies part of a segment into a row: `length` positions from `offset` in the segment go to slots from `start` on. */
  readonly load: (
    row: number,
    start: number,
    segment: KeyValueSegment,
    offset: number,
    length: number,
  ) => void;
  /** Copies the slots [start, end) of a row out. */
  readonly store: (row: number, start: number, end: number) => KeyValueSegment;
}

/** Opens a pool of `rows` rows; all zero. */
export function keyValuePool(shape: CacheShape, rows: number): KeyValuePool {
  const { layers, heads, headDim } = shape;
  let slots = SLOT_STEP;
  /** The largest stride that the buffers have room for; only growing beyond it allocates. */
  let capacity = SLOT_STEP;
  const allocate = (): Float32Array[] =>
    Array.from({ length: 2 * layers }, () => new Float32Array(rows * heads * capacity * headDim));
  /** Keys of layer l at 2l, values at 2l + 1. */
  let buffers = allocate();

  /** Where slot 0 of a head of a row begins. */
  const at = (row: number, head: number): number => (row * heads + head) * slots * headDim;

  return {
    slots: () => slots,
    resize: (length, lengths) => {
      const wanted = SLOT_STEP * Math.max(1, Math.ceil(length / SLOT_STEP));
      if (wanted === slots) return;
      const from = buffers;
      const oldStride = slots * headDim;
      slots = wanted;
      if (slots > capacity) {
        capacity = Math.max(slots, 2 * capacity);
        buffers = allocate();
      }
      // Strides change in place: growing moves the last row first, shrinking the first, so nothing is overwritten before it moved.
      const growing = wanted * headDim > oldStride;
      const blocks = lengths.length * heads;
      buffers.forEach((buffer, index) => {
        for (let i = 0; i < blocks; i++) {
          const block = growing ? blocks - 1 - i : i;
          const size = lengths[Math.floor(block / heads)]! * headDim;
          const run = from[index]!.subarray(block * oldStride, block * oldStride + size);
          buffer.set(run, block * slots * headDim);
        }
      });
    },
    view: (layer, first, count) => {
      const tensor = (buffer: Float32Array): HostTensor => ({
        dtype: 'float32',
        shape: [count, heads, slots, headDim],
        data: buffer.subarray(at(first, 0), at(first + count, 0)),
      });
      return { keys: tensor(buffers[2 * layer]!), values: tensor(buffers[2 * layer + 1]!) };
    },
    write: (layer, first, added, starts, lengths) => {
      [added.keys, added.values].forEach((tensor, which) => {
        const buffer = buffers[2 * layer + which]!;
        const time = tensor.shape[2] ?? 1;
        const source = tensor.data as Float32Array;
        starts.forEach((start, row) => {
          const size = lengths[row]! * headDim;
          for (let head = 0; head < heads; head++) {
            const from = (row * heads + head) * time * headDim;
            const to = at(first + row, head) + start * headDim;
            // A loop beats `set` for runs as short as one position.
            for (let i = 0; i < size; i++) buffer[to + i] = source[from + i]!;
          }
        });
      });
    },
    copyRow: (from, to, length) => {
      for (const buffer of buffers) {
        for (let head = 0; head < heads; head++) {
          buffer.copyWithin(at(to, head), at(from, head), at(from, head) + length * headDim);
        }
      }
    },
    load: (row, start, segment, offset, length) => {
      buffers.forEach((buffer, index) => {
        for (let head = 0; head < heads; head++) {
          const from = ((index * heads + head) * segment.length + offset) * headDim;
          const run = segment.data.subarray(from, from + length * headDim);
          buffer.set(run, at(row, head) + start * headDim);
        }
      });
    },
    store: (row, start, end) => {
      const length = end - start;
      const data = new Float32Array(length * floatsPerToken(shape));
      buffers.forEach((buffer, index) => {
        for (let head = 0; head < heads; head++) {
          const from = at(row, head) + start * headDim;
          const run = buffer.subarray(from, from + length * headDim);
          data.set(run, (index * heads + head) * length * headDim);
        }
      });
      return { length, data };
    },
  };
}
