import type { TensorInfo } from '@tensorflow/tfjs';

import type { Tfjs } from './tfjs.js';

/** The version of the wasm backend whose internals are known here; the package pins it. */
export const KNOWN_WASM_VERSION = '4.22.0';

/** The parts of the wasm backend that the replacement kernel works with. */
interface WasmBackend {
  readonly wasm: {
    readonly cwrap: (name: string, result: null, types: string[]) => WasmProduct;
    readonly tfjs: {
      readonly registerTensor: (id: number, size: number, memoryOffset: number) => void;
      readonly disposeData: (id: number) => void;
    };
  };
  readonly dataIdMap: {
    readonly get: (dataId: object) => { readonly id: number; readonly memoryOffset: number };
  };
  dataIdNextNumber: number;
  readonly makeOutput: (shape: readonly number[], dtype: 'float32') => TensorInfo;
  readonly disposeData: (dataId: object) => boolean;
  readonly typedArrayFromHeap: (tensor: TensorInfo) => Float32Array;
}

type WasmProduct = (
  aId: number,
  aShape: Uint8Array,
  aRank: number,
  bId: number,
  bShape: Uint8Array,
  bRank: number,
  transposeA: number,
  transposeB: number,
  outId: number,
) => void;

interface MatMulArguments {
  readonly inputs: { readonly a: TensorInfo; readonly b: TensorInfo };
  readonly backend: WasmBackend;
  readonly attrs: { readonly transposeA: boolean; readonly transposeB: boolean };
}

type MatMulKernel = (args: MatMulArguments) => TensorInfo;

const PRODUCT_TYPES = 'number array number number array number number number number'.split(' ');
const sizeOf = (shape: readonly number[]): number => shape.reduce((size, dim) => size * dim, 1);
const shapeBytes = (...shape: number[]): Uint8Array =>
  new Uint8Array(Int32Array.from(shape).buffer);

const installed = new WeakSet<MatMulKernel>();

/** Computes [batch, m, k] x [batch, k, n] for one pair of ranges of the heap after another. */
function multiplyEntries(
  product: WasmProduct,
  backend: WasmBackend,
  [a, b, out]: readonly [TensorInfo, TensorInfo, TensorInfo],
  [batch, m, k, n]: readonly [number, number, number, number],
): void {
  const { tfjs } = backend.wasm;
  const entry = (tensor: TensorInfo, size: number, index: number): number => {
    const id = backend.dataIdNextNumber++;
    tfjs.registerTensor(
      id,
      size,
      backend.dataIdMap.get(tensor.dataId).memoryOffset + index * size * 4,
    );
    return id;
  };
  const aShape = shapeBytes(1, m, k);
  const bShape = shapeBytes(1, k, n);
  for (let i = 0; i < batch; i++) {
    const ids = [entry(a, m * k, i), entry(b, k * n, i), entry(out, m * n, i)] as const;
    product(ids[0], aShape, 3, ids[1], bShape, 3, 0, 0, ids[2]);
    for (const id of ids) tfjs.disposeData(id);
  }
}

/**
 * Replaces the matrix product of the wasm backend. The stock kernel hands only a plain product of two matrices to XNNPACK; with a transposed
 * operand or a batch it runs scalar loops, which are many times slower, and a gradient of every product is a transposed one. This
 * kernel transposes first and calls XNNPACK for each batch entry.
 *
 * It also cures a fault of the stock kernel, which caches the packed right operand by its memory alone: the same memory in
 * another shape is multiplied in the old shape. Here every product packs its own.
 *
 * It works with internals of the backend, so on any other version than 4.22.0 it leaves the stock kernel in place.
 *
 * @param version - the version of the wasm backend
 * @returns whether the kernel is in place
 */
export function installWasmMatMul(tf: Tfjs, version: string): boolean {
  const stock = tf.getKernel('BatchMatMul', 'wasm');
  const transposeKernel = tf.getKernel('Transpose', 'wasm');
  if (version !== KNOWN_WASM_VERSION || stock === undefined || transposeKernel === undefined)
    return false;
  const stockKernel = stock.kernelFunc as unknown as MatMulKernel;
  if (installed.has(stockKernel)) return true;
  const transpose = transposeKernel.kernelFunc as unknown as (args: object) => TensorInfo;
  let product: WasmProduct | undefined;

  const kernel: MatMulKernel = (args) => {
    const { inputs, backend, attrs } = args;
    const { a, b } = inputs;
    const leading = a.shape.slice(0, -2);
    const [rowsA, columnsA] = a.shape.slice(-2) as [number, number];
    const [rowsB, columnsB] = b.shape.slice(-2) as [number, number];
    const [m, k] = attrs.transposeA ? [columnsA, rowsA] : [rowsA, columnsA];
    const n = attrs.transposeB ? rowsB : columnsB;
    const sameLeading = String(leading) === String(b.shape.slice(0, -2));
    const float = a.dtype === 'float32' && b.dtype === 'float32';
    if (product === undefined || !sameLeading || !float) return stockKernel(args);

    const batch = sizeOf(leading);
    const out = backend.makeOutput([...leading, m, n], 'float32');
    if (batch * m * k * n === 0) {
      backend.typedArrayFromHeap(out).fill(0);
      return out;
    }
    const temporaries: TensorInfo[] = [];
    const plain = (x: TensorInfo, rows: number, columns: number, flip: boolean): TensorInfo => {
      if (!flip) return x;
      const flat = { dataId: x.dataId, shape: [batch, rows, columns], dtype: x.dtype };
      const flipped = transpose({ inputs: { x: flat }, backend, attrs: { perm: [0, 2, 1] } });
      temporaries.push(flipped);
      return flipped;
    };
    const left = plain(a, rowsA, columnsA, attrs.transposeA);
    const right = plain(b, rowsB, columnsB, attrs.transposeB);
    multiplyEntries(product, backend, [left, right, out], [batch, m, k, n]);
    for (const { dataId } of temporaries) backend.disposeData(dataId);
    return out;
  };

  const setup = (backend: unknown): void => {
    product = (backend as WasmBackend).wasm.cwrap('BatchMatMul', null, PRODUCT_TYPES);
    stock.setupFunc?.(backend as never);
  };
  installed.add(kernel);
  tf.unregisterKernel('BatchMatMul', 'wasm');
  tf.registerKernel({ ...stock, setupFunc: setup, kernelFunc: kernel as never });
  // tfjs calls setupFunc when a backend is set; this one may be set already.
  const ready = tf.findBackend('wasm') as unknown;
  if (ready !== null) setup(ready);
  return true;
}
