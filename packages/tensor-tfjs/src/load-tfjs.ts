import { EngineUnavailableError } from '@spark-rl/core';

import type { Tfjs } from './tfjs.js';

/** Imports a tfjs package. */
export type TfjsLoader = () => Promise<unknown>;

/** The value of a CommonJS module, however it was imported: as a namespace with a default, or as it is. */
function moduleValue(module: unknown): unknown {
  const namespace = module as { readonly default?: unknown; readonly setBackend?: unknown };
  // Of a CommonJS module Node lists only those names beside `default` that it can guess.
  return namespace.default ?? namespace;
}

/** What a loader gave, as the tfjs namespace object. Throws an EngineUnavailableError when it is something else. */
export function tfjsNamespace(module: unknown, engine: string): Tfjs {
  const tf = moduleValue(module) as Partial<Tfjs>;
  if (typeof tf.setBackend === 'function' && typeof tf.customGrad === 'function') return tf as Tfjs;
  throw new EngineUnavailableError(`${engine}: what was loaded is not TensorFlow.js`, {
    remedy: 'Let the loader return the tfjs namespace object.',
  });
}

/** Imports `@tensorflow/tfjs`, which brings the gradients and the cpu backend. */
export const loadTfjs = async (engine: string): Promise<Tfjs> =>
  tfjsNamespace(await import('@tensorflow/tfjs'), engine);

/** Initialises a backend and sets it. Throws an EngineUnavailableError when it does not come up. */
export async function initializeBackend(tf: Tfjs, backend: string, engine: string): Promise<void> {
  let cause: unknown;
  try {
    if (await tf.setBackend(backend)) return;
  } catch (error) {
    cause = error;
  }
  throw new EngineUnavailableError(`${engine}: the tfjs backend "${backend}" did not start`, {
    remedy: 'Choose another engine; tfjs-cpu runs everywhere.',
    ...(cause === undefined ? {} : { cause }),
  });
}
