import { InvalidInputError } from '@spark-rl/core';
import type { HostTensor } from '@spark-rl/tensor';
import { z } from 'zod';

/** How weights may be kept in a file: IEEE 754 single or half precision, or bfloat16, the upper half of single precision. */
export type WeightStorage = 'f32' | 'f16' | 'bf16';

/** The option of what saves weights; exactly, where it is left out. */
export const storageSchema = z.enum(['f32', 'f16', 'bf16']).default('f32');

/** The types of the safetensors format that are read. */
export const STORED_TYPES = ['F32', 'F16', 'BF16', 'I32'] as const;
export type StoredType = (typeof STORED_TYPES)[number];

/** Bytes of one number. */
export const bytesOf = (type: StoredType): number => (type === 'F32' || type === 'I32' ? 4 : 2);

/** The type in which a tensor is stored. Integers stay as they are. */
export function storedType(tensor: Pick<HostTensor, 'dtype'>, storage: WeightStorage): StoredType {
  if (tensor.dtype === 'int32') return 'I32';
  return storage === 'f32' ? 'F32' : storage === 'f16' ? 'F16' : 'BF16';
}

const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** Files are little-endian; turns bytes around in place on machines that are not. */
function swapOnBigEndian(bytes: Uint8Array, size: number): Uint8Array {
  if (!isLittleEndian)
    for (let at = 0; at < bytes.length; at += size) bytes.subarray(at, at + size).reverse();
  return bytes;
}

/** The value of a half-precision number with these bits; exact in single precision. */
function halfValue(bits: number): number {
  const sign = bits >= 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

let halves: Float32Array | undefined;

function fromHalves(bits: Uint16Array): Float32Array {
  halves ??= Float32Array.from({ length: 0x1_0000 }, (_, value) => halfValue(value));
  const values = new Float32Array(bits.length);
  for (let i = 0; i < bits.length; i++) values[i] = halves[bits[i]!]!;
  return values;
}

function fromBfloats(bits: Uint16Array): Float32Array {
  const words = new Uint32Array(bits.length);
  for (let i = 0; i < bits.length; i++) words[i] = bits[i]! << 16;
  return new Float32Array(words.buffer);
}

/** Stored floats as single precision, which holds every half and bfloat16 number exactly. */
export function decodeFloats(type: Exclude<StoredType, 'I32'>, bytes: Uint8Array): Float32Array {
  // A copy of its own: a part of a file need not be aligned.
  const { buffer } = swapOnBigEndian(new Uint8Array(bytes), bytesOf(type));
  if (type === 'F32') return new Float32Array(buffer);
  const bits = new Uint16Array(buffer);
  return type === 'F16' ? fromHalves(bits) : fromBfloats(bits);
}

/** Stored integers. */
export const decodeIntegers = (bytes: Uint8Array): Int32Array =>
  new Int32Array(swapOnBigEndian(new Uint8Array(bytes), 4).buffer);

/** Single-precision bits to bfloat16, to the nearest, to the even one of two as near. NaN stays NaN. */
function bfloatBits(word: number): number {
  if ((word & 0x7fff_ffff) > 0x7f80_0000) return (word >>> 16) | 0x40;
  return (word + 0x7fff + ((word >>> 16) & 1)) >>> 16;
}

/** A number to half precision, to the nearest, to the even one of two as near. */
function halfBits(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (Number.isNaN(value)) return 0x7e00;
  if (size >= 65_520) return sign | 0x7c00;
  const exponent = Math.max(-14, Math.floor(Math.log2(size)));
  const step = 2 ** (exponent - 10);
  const scaled = size / step;
  const floor = Math.floor(scaled);
  const rest = scaled - floor;
  const rounded = rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
  // Steps are counted from the smallest number on, so a fraction that overflows lands in the next exponent by itself.
  return sign | (rounded + (exponent + 14) * 1024);
}

/**
 * A tensor's bytes in a file.
 *
 * @throws InvalidInputError when a finite number is too large for the type
 */
export function encodeTensor(tensor: HostTensor, storage: WeightStorage): Uint8Array {
  const { data } = tensor;
  const type = storedType(tensor, storage);
  if (type === 'F32' || type === 'I32') {
    const copy = new Uint8Array(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    return swapOnBigEndian(copy, 4);
  }
  const bits = new Uint16Array(data.length);
  const words = new Uint32Array(data.buffer, data.byteOffset, data.length);
  const infinity = type === 'F16' ? 0x7c00 : 0x7f80;
  for (let i = 0; i < data.length; i++) {
    bits[i] = type === 'F16' ? halfBits(data[i]!) : bfloatBits(words[i]!);
    if ((bits[i]! & 0x7fff) === infinity && Number.isFinite(data[i]!)) {
      throw new InvalidInputError(`${data[i]} is too large for the storage ${storage}`, {
        field: 'storage',
        value: data[i],
        remedy: 'Save in f32 or bf16',
      });
    }
  }
  return swapOnBigEndian(new Uint8Array(bits.buffer), 2);
}
