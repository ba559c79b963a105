export {
  startDouble,
  type DoubleAnswer,
  type DoubleRequest,
  type Fault,
  type ServerDouble,
} from './double-server.js';
export { startLlamaCppDouble, type LlamaCppDoubleOptions } from './llama-cpp-double.js';
export { startOpenAiDouble, type OpenAiDoubleOptions } from './openai-double.js';
export { prefixBlocks, type PrefixBlocks } from './prefix-blocks.js';
export { logSoftmax, toyModel, toyResponse, type ToyModel, type ToyResponse } from './toy-model.js';
export { startSglangDouble, type SglangDoubleOptions } from './sglang-double.js';
export { startVllmDouble, type VllmDouble, type VllmDoubleOptions } from './vllm-double.js';
