import { installWasmIdentity, tfjsWasm } from '../src/index.js';
import { tf } from './support/engines.js';

const kernel = () => tf.getKernel('Identity', 'wasm')?.kernelFunc;

describe('a clone on the wasm backend', () => {
  it('is made by the stock kernel for a version whose internals are not known', async () => {
    await import('@tensorflow/tfjs-backend-wasm');
    const stock = kernel();
    expect(installWasmIdentity(tf, '4.23.0')).toBe(false);
    expect(kernel()).toBe(stock);
    await tfjsWasm().open();
    const replaced = kernel();
    expect(replaced).not.toBe(stock);
    await tfjsWasm().open();
    expect(kernel()).toBe(replaced);
  });

  it('shares the memory of its original, and outlives it', () => {
    void tf.setBackend('wasm');
    const before = tf.memory();
    const x = tf.tensor1d([1, 2, 3]);
    const copy = tf.clone(x);
    expect(tf.memory().numDataBuffers).toBe(before.numDataBuffers + 1);
    x.dispose();
    expect(Array.from(copy.dataSync())).toEqual([1, 2, 3]);
    copy.dispose();
    expect(tf.memory()).toMatchObject({
      numTensors: before.numTensors,
      numDataBuffers: before.numDataBuffers,
    });
  });

  it('of a string is a copy still', () => {
    const words = tf.tidy(() => tf.clone(tf.tensor1d(['a', 'b'])));
    expect(words.dataSync<'string'>()).toEqual(['a', 'b']);
    words.dispose();
  });
});
