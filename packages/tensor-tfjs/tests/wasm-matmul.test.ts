import fc from 'fast-check';

import { installWasmMatMul, tfjsWasm } from '../src/index.js';
import { tf } from './support/engines.js';
import { distance } from './support/tensors.js';

interface Product {
  readonly leading: readonly number[];
  readonly sizes: readonly [number, number, number];
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

const size = fc.integer({ min: 1, max: 20 });
const products: fc.Arbitrary<Product> = fc.record({
  leading: fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 2 }),
  sizes: fc.tuple(size, size, size),
  transposeA: fc.boolean(),
  transposeB: fc.boolean(),
});

/** One product on a backend; values are a fixed pattern. */
function multiply(backend: string, { leading, sizes: [m, k, n], ...flips }: Product): number[] {
  void tf.setBackend(backend);
  return tf.tidy(() => {
    const filled = (shape: readonly number[], step: number) => {
      const count = shape.reduce((a, b) => a * b, 1);
      const values = Float32Array.from({ length: count }, (_, i) => Math.sin(step * (i + 1)));
      return tf.tensor(values, [...shape]);
    };
    const a = filled([...leading, ...(flips.transposeA ? [k, m] : [m, k])], 0.7);
    const b = filled([...leading, ...(flips.transposeB ? [n, k] : [k, n])], 1.3);
    const product = tf.matMul(a, b, flips.transposeA, flips.transposeB);
    expect(product.shape).toEqual([...leading, m, n]);
    return Array.from(product.dataSync());
  });
}

const kernel = () => tf.getKernel('BatchMatMul', 'wasm')?.kernelFunc;

beforeAll(async () => {
  await tf.setBackend('cpu');
  (tf.backend() as { firstUse?: boolean }).firstUse = false;
});

describe('the matrix product of the wasm backend', () => {
  it('stays the stock one for a version whose internals are not known', async () => {
    // Imported here, so that the kernels are registered before any engine replaces one.
    const { version_wasm } = await import('@tensorflow/tfjs-backend-wasm');
    const stock = kernel();
    expect(installWasmMatMul(tf, '4.23.0')).toBe(false);
    expect(kernel()).toBe(stock);
    expect(installWasmMatMul(tf, version_wasm)).toBe(true);
    expect(kernel()).not.toBe(stock);
  });

  it('is replaced once, however many engines open', async () => {
    await tfjsWasm().open();
    const replaced = kernel();
    await tfjsWasm().open();
    expect(kernel()).toBe(replaced);
  });

  it('agrees with the cpu backend for all transpositions and batches', () => {
    fc.assert(
      fc.property(products, (product) => {
        const found = multiply('wasm', product);
        expect(distance(found, multiply('cpu', product))).toBeLessThan(1e-5);
      }),
      { numRuns: 150, seed: 5 },
    );
  });

  it('leaves other products to the stock kernel: a batch by one matrix', () => {
    const on = (backend: string): number[] => {
      void tf.setBackend(backend);
      return tf.tidy(() => {
        const a = tf.tensor(Float32Array.from({ length: 24 }, Math.cos), [2, 3, 4]);
        const b = tf.tensor(Float32Array.from({ length: 8 }, Math.sin), [1, 4, 2]);
        return Array.from(tf.matMul(a, b).dataSync());
      });
    };
    expect(distance(on('wasm'), on('cpu'))).toBeLessThan(1e-6);
  });

  it('multiplies the shape it is given, also when the same memory was used in another', () => {
    void tf.setBackend('wasm');
    tf.tidy(() => {
      const b = tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3]);
      expect(tf.matMul(tf.tensor2d([[1, 1]]), b).arraySync()).toEqual([[5, 7, 9]]);
      const reshaped = b.as2D(3, 2);
      expect(tf.matMul(tf.tensor2d([[1, 1, 1]]), reshaped).arraySync()).toEqual([[9, 12]]);
    });
  });

  it('gives zeros for a sum over nothing', () => {
    void tf.setBackend('wasm');
    tf.tidy(() => {
      expect(tf.matMul(tf.zeros([2, 0]), tf.zeros([0, 3])).arraySync()).toEqual([
        [0, 0, 0],
        [0, 0, 0],
      ]);
    });
  });

  it('leaves nothing behind in the backend', () => {
    void tf.setBackend('wasm');
    const { numTensors, numDataBuffers } = tf.memory();
    for (const transposeA of [false, true])
      multiply('wasm', { leading: [3], sizes: [4, 5, 6], transposeA, transposeB: true });
    expect(tf.memory()).toMatchObject({ numTensors, numDataBuffers });
    const backend = tf.backend() as unknown as { numDataIds: () => number };
    expect(backend.numDataIds()).toBe(numDataBuffers);
  });
});
