export {
  parameterCount,
  parameterShapes,
  transformerConfig,
  transformerConfigSchema,
  type RopeScaling,
  type TransformerConfig,
  type TransformerOptions,
} from './config.js';
export type { FreeText, Language } from './constraint/language.js';
export { responseLanguage, type ResponseLanguageOptions } from './constraint/response-language.js';
export { textConstraint } from './constraint/text-constraint.js';
export { decoderTransformer } from './decoder-transformer.js';
export { initializeParameters } from './initialize-parameters.js';
export { chatTemplate, type ChatTemplateVariables } from './chat-template.js';
export { encodePrompt } from './encode-prompt.js';
export { renderMessages } from './render-messages.js';
export {
  checkParameters,
  loadModel,
  MODEL_FILES,
  saveModel,
  type FolderContent,
  type Model,
} from './model-files.js';
export { decodeSafetensors, encodeSafetensors, type Safetensors } from './safetensors.js';
export { decodeTensorFiles, encodeTensorFiles } from './tensor-files.js';
export { sampleToken, type Draw, type DrawOptions } from './sampling/sample-token.js';
export { loadTokenizer, type Tokenizer } from './tokenizer.js';
export type { StreamDecoder } from './stream-decoder.js';
export type { TokenizerConfig } from './tokenizer-config.js';
export { END_OF_SEQUENCE, type TokenizerJson } from './tokenizer-json.js';
export { trainTokenizer, type TokenizerTrainingOptions } from './train-tokenizer.js';
export {
  transformerPolicy,
  type TransformerPolicy,
  type TransformerPolicyOptions,
  type TransformerPolicyStats,
} from './transformer-policy.js';
export {
  initializeValueParameters,
  valueTransformer,
  type ValueHeadOptions,
} from './value-head.js';

export {
  loadHuggingFaceModel,
  readHuggingFaceFolder,
  type HuggingFaceFolder,
  type HuggingFaceModel,
  type LoadHuggingFaceOptions,
} from './hugging-face/load-model.js';
export { saveHuggingFaceModel, type SaveHuggingFaceOptions } from './hugging-face/save-model.js';
export type { WeightStorage } from './storage-types.js';
export {
  adapterShapes,
  initializeAdapters,
  loraConfig,
  LORA_TARGETS,
  type LoraConfig,
  type LoraOptions,
  type LoraTarget,
} from './lora/lora-config.js';
export { loraTransformer } from './lora/lora-transformer.js';
export { mergeAdapters } from './lora/merge-adapters.js';
export {
  ADAPTER_FILES,
  decodeAdapter,
  encodeAdapter,
  type Adapter,
  type EncodeAdapterOptions,
} from './lora/adapter-files.js';
export { loadAdapter, saveAdapter, type SaveAdapterOptions } from './lora/adapter-folder.js';
