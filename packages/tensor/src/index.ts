export type { LanguageModel, ModelProgram, TrieModel, ValueModel } from './language-model.js';
export type { Dim, DType, Shape, TensorOps } from './ops.js';
export type { HostTensor, LossProgram, Named, TensorProgram, TensorSpec } from './program.js';
export type {
  AdamWOptions,
  CompiledProgram,
  Engine,
  EngineProvider,
  ParameterGroup,
  ParameterSet,
  StepReport,
  Trainer,
  TrainingSnapshot,
} from './engine.js';

export { evaluateDim, termsOfDim, type DimBindings } from './dimensions.js';
export { bindDims } from './bind-dims.js';
export { checkTensors } from './check-tensors.js';

export {
  adamWOptionsSchema,
  adamWUpdate,
  biasCorrections,
  clippedAdamWStep,
  defaultAdamW,
  type AdamWScalars,
  type AdamWState,
  type OptimizerState,
} from './training/adamw.js';
export { trainedParameters } from './training/trained-parameters.js';
export { clipByGlobalNorm, globalNorm } from './training/gradient-clipping.js';
export {
  learningRateAt,
  learningRateScheduleSchema,
  type LearningRateSchedule,
} from './training/learning-rate.js';

export type { GraphOps } from './graph-ops.js';
export {
  nodesOf,
  type BinaryKind,
  type ComparisonKind,
  type Graph,
  type GraphBuilder,
  type GraphNode,
  type Operation,
  type ReductionKind,
  type UnaryKind,
} from './graph/graph.js';
export { graphBuilder } from './graph/graph-builder.js';
export { trace, traceLoss, type TracedLoss } from './graph/trace.js';
export { differentiate } from './graph/differentiate.js';
export { interpret } from './graph/interpret.js';
export { graphEngine, type CompiledGraph, type GraphBackend } from './graph-engine.js';

export { float64Ops } from './float64/float64-ops.js';
export { fromHost, toHost, type Float64Tensor } from './float64/float64-tensor.js';
export { referenceEngine } from './reference-engine.js';

export {
  alignToTargets,
  batchSequences,
  continuesTokens,
  paddedLength,
  type SequenceBatch,
  type SequenceBatchOptions,
  type SequenceRow,
} from './sequence-batch.js';
export { batchTries, type TrieBatch, type TrieGroup } from './trie-batch.js';
export { TRIE_GROUPS } from './trie-pieces.js';
