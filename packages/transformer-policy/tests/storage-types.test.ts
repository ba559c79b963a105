import { InvalidInputError } from '@spark-rl/core';
import fc from 'fast-check';

import { decodeSafetensors, encodeSafetensors, type WeightStorage } from '../src/index.js';

const through = (values: ArrayLike<number>, storage: WeightStorage): number[] => {
  const data = Float32Array.from(values);
  const bytes = encodeSafetensors(
    { w: { dtype: 'float32', shape: [data.length], data } },
    {},
    storage,
  );
  return [...decodeSafetensors(bytes).tensors['w']!.data];
};

/** A file with one tensor of these 16-bit patterns. */
function fileOf(dtype: 'F16' | 'BF16', bits: readonly number[]): Uint8Array {
  const header = { w: { dtype, shape: [bits.length], data_offsets: [0, 2 * bits.length] } };
  const json = new TextEncoder().encode(JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + 2 * bits.length);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  bits.forEach((value, i) => view.setUint16(8 + json.length + 2 * i, value, true));
  return bytes;
}
const read = (dtype: 'F16' | 'BF16', ...bits: number[]): number[] => [
  ...decodeSafetensors(fileOf(dtype, bits)).tensors['w']!.data,
];

describe('half precision', () => {
  it('is read as IEEE 754 says', () => {
    // One, minus two, the largest, the smallest normal, the smallest, a third, minus zero, the infinities.
    expect(
      read('F16', 0x3c00, 0xc000, 0x7bff, 0x0400, 0x0001, 0x3555, 0x8000, 0x7c00, 0xfc00),
    ).toEqual([1, -2, 65_504, 2 ** -14, 2 ** -24, 0.333251953125, -0, Infinity, -Infinity]);
    expect(read('F16', 0x7e01)[0]).toBeNaN();
  });

  it('rounds to the nearest, to the even one of two as near', () => {
    // Between 2048 and 4096 numbers are 2 apart.
    expect(through([2049, 2051, 2049.5, -2050.9, 65_519], 'f16')).toEqual([
      2048, 2052, 2050, -2050, 65_504,
    ]);
    expect(through([2 ** -25, 3 * 2 ** -25, 2 ** -14 - 2 ** -26, -0], 'f16')).toEqual([
      0,
      2 ** -23,
      2 ** -14,
      -0,
    ]);
  });

  it('gives back every number that it has', () => {
    const all = Array.from({ length: 0x1_0000 }, (_, bits) => bits);
    const values = read('F16', ...all);
    expect(values.filter(Number.isNaN)).toHaveLength(2 * 1023);
    const kept = values.filter((value) => !Number.isNaN(value));
    expect(through(kept, 'f16')).toEqual(kept);
  });
});

describe('bfloat16', () => {
  it('is the upper half of single precision', () => {
    expect(read('BF16', 0x3f80, 0xc000, 0x3eab, 0x0001, 0x7f80)).toEqual([
      1,
      -2,
      0.333984375,
      2 ** -133,
      Infinity,
    ]);
    expect(read('BF16', 0x7fc0)[0]).toBeNaN();
  });

  it('rounds to the nearest, to the even one of two as near', () => {
    // Between 256 and 512 numbers are 2 apart.
    expect(through([257, 259, 257.1, -258.9], 'bf16')).toEqual([256, 260, 258, -258]);
    expect(through([NaN, -Infinity], 'bf16')).toEqual([NaN, -Infinity]);
  });

  it('is never further off than half a step, and keeps what it has', () => {
    fc.assert(
      fc.property(
        fc.float({
          noNaN: true,
          noDefaultInfinity: true,
          max: Math.fround(1e38),
          min: Math.fround(-1e38),
        }),
        (value) => {
          const [rounded] = through([value], 'bf16') as [number];
          const step = Math.max(2 ** -133, 2 ** (Math.floor(Math.log2(Math.abs(value) || 1)) - 7));
          expect(Math.abs(rounded - value)).toBeLessThanOrEqual(step / 2);
          expect(through([rounded], 'bf16')).toEqual([rounded]);
        },
      ),
    );
  });
});

it('refuses a finite number that the type cannot hold', () => {
  expect(() => through([65_520], 'f16')).toThrow(InvalidInputError);
  expect(() => through([-1e6], 'f16')).toThrow(/-1000000 is too large for the storage f16/);
  expect(() => through([3.4e38], 'bf16')).toThrow(/too large/);
  expect(through([Infinity], 'f16')).toEqual([Infinity]);
});
