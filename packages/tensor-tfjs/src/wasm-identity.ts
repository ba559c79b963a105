import type { TensorInfo } from '@tensorflow/tfjs';

import type { Tfjs } from './tfjs.js';
import { KNOWN_WASM_VERSION } from './wasm-matmul.js';

interface IdentityArguments {
  readonly inputs: { readonly x: TensorInfo };
  readonly backend: { readonly incRef: (dataId: object) => void };
}

type IdentityKernel = (args: IdentityArguments) => TensorInfo;

const installed = new WeakSet<IdentityKernel>();

/**
 * Makes a clone on the wasm backend share the memory of its original, as on every other backend. The stock kernel copies, and the tape
 * clones every tensor that a gradient will need, so copies cost a good part of a training step. Tensors never change, and the
 * backend counts who uses them, so sharing is safe.
 *
 * @param version - the version of the wasm backend; on any other than 4.22.0 the stock kernel stays
 * @returns whether the kernel is in place
 */
export function installWasmIdentity(tf: Tfjs, version: string): boolean {
  const stock = tf.getKernel('Identity', 'wasm');
  if (version !== KNOWN_WASM_VERSION || stock === undefined) return false;
  const stockKernel = stock.kernelFunc as unknown as IdentityKernel;
  if (installed.has(stockKernel)) return true;
  const kernel: IdentityKernel = (args) => {
    const { x } = args.inputs;
    // Strings live outside the heap, and nobody counts who uses them.
    if (x.dtype === 'string') return stockKernel(args);
    args.backend.incRef(x.dataId);
    return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
  };
  installed.add(kernel);
  tf.unregisterKernel('Identity', 'wasm');
  tf.registerKernel({ ...stock, kernelFunc: kernel as never });
  return true;
}
