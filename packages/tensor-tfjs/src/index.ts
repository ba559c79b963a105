export type { TfjsLoader } from './load-tfjs.js';
export { tfjsCpu } from './tfjs-cpu.js';
export { tfjsEngine, type TfjsEngineOptions } from './tfjs-engine.js';
export {
  tfjsNode,
  tfjsNodeGpu,
  type TfjsNodeGpuOptions,
  type TfjsNodeOptions,
} from './tfjs-node.js';
export { tfjsOps, type TfjsOpsOptions } from './tfjs-ops.js';
export { tfjsWasm, type TfjsWasmOptions } from './tfjs-wasm.js';
export type { Tfjs, TfjsTensor } from './tfjs.js';
export { installWasmIdentity } from './wasm-identity.js';
export { installWasmMatMul } from './wasm-matmul.js';
