/** Any value that JSON can hold. */
export type JsonValue =
  string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** Whether a value goes through JSON text and comes back the same: finite numbers, plain objects and arrays only. */
export function isJsonValue(value: unknown): value is JsonValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object') return false;
  if (Array.isArray(value)) return value.every(isJsonValue);
  const prototype: unknown = Object.getPrototypeOf(value);
  return (
    (prototype === Object.prototype || prototype === null) &&
    Object.values(value).every(isJsonValue)
  );
}

/** A number array that travels through JSON as base64 of its little-endian bytes: exact, compact, the same on every machine. */
export interface EncodedArray {
  readonly type: 'int32' | 'float32';
  readonly base64: string;
}

const littleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

function swapWords(bytes: Uint8Array): Uint8Array {
  const swapped = new Uint8Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) swapped[i] = bytes[(i & ~3) + 3 - (i & 3)]!;
  return swapped;
}

/** Encodes 32-bit integers or floats for JSON. */
export function encodeArray(values: Int32Array | Float32Array): EncodedArray {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const ordered = littleEndian ? bytes : swapWords(bytes);
  let binary = '';
  for (let i = 0; i < ordered.length; i += 0x2000) {
    binary += String.fromCharCode(...ordered.subarray(i, i + 0x2000));
  }
  return { type: values instanceof Int32Array ? 'int32' : 'float32', base64: btoa(binary) };
}

/** Undoes {@link encodeArray}. */
export function decodeArray(encoded: EncodedArray): Int32Array | Float32Array {
  const binary = atob(encoded.base64);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  const ordered = littleEndian ? bytes : swapWords(bytes);
  return encoded.type === 'int32'
    ? new Int32Array(ordered.buffer)
    : new Float32Array(ordered.buffer);
}
