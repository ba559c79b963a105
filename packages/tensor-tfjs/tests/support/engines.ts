import * as tf from '@tensorflow/tfjs';

import { tfjsCpu, tfjsWasm } from '../../src/index.js';

/** The engines that run on any machine, by the name of their backend. */
export const engines = [
  ['cpu', tfjsCpu],
  ['wasm', tfjsWasm],
] as const;

export { tf };
