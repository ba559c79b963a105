export { requireTokens, type PolicyCapabilities } from './capabilities.js';
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
export type { WireCall } from './transport/wire-call.js';
