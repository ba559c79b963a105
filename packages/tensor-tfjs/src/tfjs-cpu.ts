import type { EngineProvider } from '@spark-rl/tensor';

import { initializeBackend, loadTfjs } from './load-tfjs.js';
import { tfjsEngine } from './tfjs-engine.js';

/** The engine `tfjs-cpu`: plain JavaScript. It runs everywhere and is slow; use it to check the others, or for toy models. */
export function tfjsCpu(): EngineProvider {
  const id = 'tfjs-cpu';
  return {
    id,
    open: async () => {
      const tf = await loadTfjs(id);
      await initializeBackend(tf, 'cpu', id);
      // Otherwise its first tensor prints advice to install tfjs-node: whoever asked for this engine has chosen.
      (tf.backend() as { firstUse?: boolean }).firstUse = false;
      return tfjsEngine(tf, {
        id,
        device: 'CPU, plain JavaScript',
        backend: 'cpu',
        batchInvariant: true,
      });
    },
  };
}
