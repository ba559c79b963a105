import type { DType, Shape, TensorOps } from './ops.js';

export type Named<Value> = Readonly<Record<string, Value>>;

/** A tensor in ordinary memory, row-major. `bool` tensors do not leave a program. */
export type HostTensor =
  | { readonly dtype: 'float32'; readonly shape: readonly number[]; readonly data: Float32Array }
  | { readonly dtype: 'int32'; readonly shape: readonly number[]; readonly data: Int32Array };

/** What a program expects at an input. */
export interface TensorSpec {
  readonly dtype: Exclude<DType, 'bool'>;
  readonly shape: Shape;
}

/** Computes outputs from parameters and inputs. Parameters are float32 and have fixed shapes. */
export interface TensorProgram {
  readonly name: string;
  readonly parameters: Named<readonly number[]>;
  readonly inputs: Named<TensorSpec>;
  readonly run: <T>(ops: TensorOps<T>, parameters: Named<T>, inputs: Named<T>) => Named<T>;
}

/**
 * Computes a scalar loss, and scalars worth reporting. Losses and metrics of micro-batches are added up, so a program that means
 * a mean divides by a normaliser that it gets as an input.
 */
export interface LossProgram {
  readonly name: string;
  readonly parameters: Named<readonly number[]>;
  /** Names of parameters that training leaves as they are: they have no gradient and no moments. Default none. */
  readonly frozen?: readonly string[];
  readonly inputs: Named<TensorSpec>;
  readonly run: <T>(
    ops: TensorOps<T>,
    parameters: Named<T>,
    inputs: Named<T>,
  ) => { readonly loss: T; readonly metrics: Named<T> };
}
