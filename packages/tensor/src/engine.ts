import type { HostTensor, LossProgram, Named, TensorProgram } from './program.js';

/** Weights that an engine holds, on its device where it has one. Immutable: training makes new versions. */
export interface ParameterSet {
  /** Copies the weights to ordinary memory. */
  readonly read: () => Promise<Named<HostTensor>>;
  /** Frees them. Using them afterwards is an error. */
  readonly dispose: () => void;
}

/** A program made ready to run. */
export interface CompiledProgram {
  readonly run: (parameters: ParameterSet, inputs: Named<HostTensor>) => Promise<Named<HostTensor>>;
  readonly dispose: () => void;
}

/** AdamW (Loshchilov & Hutter, arXiv 1711.05101) with clipping of the gradient by its global norm. */
export interface AdamWOptions {
  /** Default 0.9. */
  readonly beta1: number;
  /** Default 0.999. */
  readonly beta2: number;
  /** Default 1e-8. */
  readonly epsilon: number;
  /** Decoupled decay, applied to parameters of rank 2 and more (norms and biases are left alone). Default 0.01. */
  readonly weightDecay: number;
  /** The gradient is scaled down to this global L2 norm when it is longer; Infinity does not clip. Default 1. */
  readonly maxGradientNorm: number;
  /** Parameters that are trained otherwise than the rest; the first group that names a parameter has it. Default none. */
  readonly groups?: readonly ParameterGroup[] | undefined;
}

/** Parameters with a rate or a decay of their own. */
export interface ParameterGroup {
  /** Names of trained parameters; `*` stands for any characters, as in `*.bias`. */
  readonly parameters: readonly string[];
  /** Multiplies the learning rate. Default 1. */
  readonly rateScale?: number | undefined;
  /** The decay of all of them, whatever their rank. Default that of the options, by their rule. */
  readonly weightDecay?: number | undefined;
}

/** What a training step found. */
export interface StepReport {
  /** The sum over micro-batches. */
  readonly loss: number;
  /** Global L2 norm before clipping. */
  readonly gradientNorm: number;
  /** False when the gradient was not finite: nothing was changed. */
  readonly applied: boolean;
  /** Sums over micro-batches. */
  readonly metrics: Named<number>;
}

/** All that is needed to go on training exactly where it stopped. */
export interface TrainingSnapshot {
  /** Updates applied so far. */
  readonly step: number;
  /** All of them, the frozen ones too; moments are of the others alone. */
  readonly parameters: Named<HostTensor>;
  readonly firstMoments: Named<HostTensor>;
  readonly secondMoments: Named<HostTensor>;
}

/** A loss in training: parameters, the optimiser's moments, and the compiled step. */
export interface Trainer {
  /** One update from one or more micro-batches whose losses are added up. Every micro-batch may have its own sizes. */
  readonly step: (
    microBatches: readonly Named<HostTensor>[],
    options: { readonly learningRate: number },
  ) => Promise<StepReport>;
  /** The weights as they are now; stay valid after further steps. The caller disposes of them. */
  readonly parameters: () => ParameterSet;
  readonly snapshot: () => Promise<TrainingSnapshot>;
  readonly dispose: () => void;
}

/** Runs tensor programs. The same program gives the same numbers on every engine, to rounding. */
export interface Engine {
  /** Such as `onnx-cpu`, `tfjs-node-gpu`, `tfjs-wasm`. */
  readonly id: string;
  /** What it runs on, in words, for logs. */
  readonly device: string;
  /** Whether a row's result is the same to the bit whatever rows stand beside it (given at least 2 rows in every product). */
  readonly batchInvariant: boolean;
  readonly parameters: (values: Named<HostTensor>) => ParameterSet;
  readonly compile: (program: TensorProgram) => Promise<CompiledProgram>;
  readonly compileTraining: (
    program: LossProgram,
    optimizer: AdamWOptions,
    /** Where to start: weights alone, or a snapshot to continue from. */
    start: Named<HostTensor> | TrainingSnapshot,
  ) => Promise<Trainer>;
  readonly dispose: () => Promise<void>;
}

/** A way to get an engine, which may turn out not to be there. */
export interface EngineProvider {
  readonly id: string;
  /** Throws an EngineUnavailableError that says why, and what to do. */
  readonly open: () => Promise<Engine>;
}
