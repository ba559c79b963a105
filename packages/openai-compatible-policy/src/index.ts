export { requireTokens, type PolicyCapabilities } from './capabilities.js';
export { openCassette, type Cassette, type CassetteOptions } from './cassette/cassette.js';
export {
  CassetteMissError,
  SamplingUnsupportedError,
  TokenizerChangedError,
  TokenMismatchError,
  TokensUnavailableError,
} from './errors.js';
export type { Preset, ServedPolicyOptions } from './policy-options.js';
export type { PromptTokenizer } from './prompt-tokens.js';
export {
  openaiCompatiblePolicy,
  type ServedPolicy,
  type ServedPolicyStats,
} from './served-policy.js';
export type { ServerStatus, ServerView } from './servers/server.js';
export type { AdapterProbe, AdapterServer, NamedAdapter } from './weights/adapter-server.js';
export type { AdapterServerOptions } from './weights/adapter-server-options.js';
export {
  servedWeights,
  type ServedWeights,
  type ServedWeightsOptions,
  type WriteAdapter,
} from './weights/served-weights.js';
export { sglangAdapters } from './weights/sglang-adapters.js';
export { vllmAdapters } from './weights/vllm-adapters.js';
export { WeightsError } from './weights/weights-error.js';
