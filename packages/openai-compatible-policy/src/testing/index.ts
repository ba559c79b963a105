export {
  startDouble,
  type DoubleAnswer,
  type DoubleRequest,
  type Fault,
  type ServerDouble,
} from './double-server.js';
export { prefixBlocks, type PrefixBlocks } from './prefix-blocks.js';
export { logSoftmax, toyModel, toyResponse, type ToyModel, type ToyResponse } from './toy-model.js';
export { startVllmDouble, type VllmDouble, type VllmDoubleOptions } from './vllm-double.js';
