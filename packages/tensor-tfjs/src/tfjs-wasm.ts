import { EngineUnavailableError } from '@spark-rl/core';
import type { EngineProvider } from '@spark-rl/tensor';

import { initializeBackend, loadTfjs } from './load-tfjs.js';
import { tfjsEngine } from './tfjs-engine.js';
import { installWasmIdentity } from './wasm-identity.js';
import { installWasmMatMul } from './wasm-matmul.js';

/** Options of {@link tfjsWasm}. */
export interface TfjsWasmOptions {
  /**
   * The folder (or URL) with the `.wasm` files of `@tensorflow/tfjs-backend-wasm`. Default: where Node finds that package. Needed
   * only in a bundle, and only before the backend is first used.
   */
  readonly binaries?: string;
}

const PROCESS_EVENTS = ['uncaughtException', 'unhandledRejection'] as const;

/**
 * Loads a module compiled by Emscripten and takes its process listeners away again: they throw whatever they are told of, which would
 * end a process whose owner handles such events.
 */
async function withoutProcessListeners(load: () => Promise<void>): Promise<void> {
  if (typeof process === 'undefined') return load();
  const listenersOf = (event: string): readonly ((...args: unknown[]) => void)[] =>
    process.listeners(event as 'uncaughtException') as ((...args: unknown[]) => void)[];
  const before = PROCESS_EVENTS.map((event) => new Set(listenersOf(event)));
  await load();
  PROCESS_EVENTS.forEach((event, i) => {
    for (const listener of listenersOf(event)) {
      if (!before[i]!.has(listener)) process.removeListener(event, listener);
    }
  });
}

/** The engine `tfjs-wasm`: WebAssembly with XNNPACK, on one thread (tfjs has no more in Node). Needs nothing but npm packages. */
export function tfjsWasm(options: TfjsWasmOptions = {}): EngineProvider {
  const id = 'tfjs-wasm';
  const { binaries } = options;
  return {
    id,
    open: async () => {
      if (!('WebAssembly' in globalThis)) {
        throw new EngineUnavailableError(`${id}: this runtime has no WebAssembly`, {
          remedy: 'Use a runtime with WebAssembly, or the engine tfjs-cpu.',
        });
      }
      const tf = await loadTfjs(id);
      const wasm = await import('@tensorflow/tfjs-backend-wasm');
      if (binaries !== undefined)
        wasm.setWasmPaths(binaries.endsWith('/') ? binaries : `${binaries}/`);
      await withoutProcessListeners(() => initializeBackend(tf, 'wasm', id));
      installWasmIdentity(tf, wasm.version_wasm);
      const repaired = installWasmMatMul(tf, wasm.version_wasm);
      const simd = (await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT')) === true;
      return tfjsEngine(tf, {
        id,
        device: `CPU, WebAssembly${simd ? ' with SIMD' : ''}, 1 thread${repaired ? '' : ', slow matrix products'}`,
        backend: 'wasm',
        batchInvariant: repaired,
      });
    },
  };
}
