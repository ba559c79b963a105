export type { LanguageModel } from './language-model.js';
export type { Dim, DType, Shape, TensorOps } from './ops.js';
export type { HostTensor, LossProgram, Named, TensorProgram, TensorSpec } from './program.js';
export type {
  AdamWOptions,
  CompiledProgram,
  Engine,
  EngineProvider,
  ParameterSet,
  StepReport,
  Trainer,
  TrainingSnapshot,
} from './engine.js';
