import { TestEnvironment } from 'jest-environment-node';

/**
 * Node as Jest runs it, with the typed arrays of the process itself: Jest gives each test file new ones, and then tensors made by ONNX
 * Runtime's native part are not `instanceof Float32Array`.
 */
export default class SharedArraysEnvironment extends TestEnvironment {
  async setup() {
    await super.setup();
    Object.assign(this.global, { Float32Array, Int32Array, BigInt64Array, Uint8Array });
  }
}
