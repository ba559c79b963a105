import { InvalidInputError } from '@spark-rl/core';
import { trainedParameters, type LossProgram, type Named, type TensorOps } from '@spark-rl/tensor';

import { mapNamed } from './host-tensors.js';
import type { Tfjs, TfjsTensor } from './tfjs.js';

/** What one micro-batch gave, or the sums over several. */
export interface MicroBatchResult {
  readonly metricNames: readonly string[];
  /** The loss, then the metrics in the order of `metricNames`; shape [1 + metrics]. */
  readonly scalars: TfjsTensor;
  /** The derivative of the loss by every parameter that is not frozen; zeros where the loss does not depend on it. */
  readonly gradients: Named<TfjsTensor>;
}

/** Runs a loss program forward and backward. To be called inside a section, which frees what is not returned. */
export function lossAndGradients(
  tf: Tfjs,
  ops: TensorOps<TfjsTensor>,
  program: LossProgram,
  parameters: Named<TfjsTensor>,
  inputs: Named<TfjsTensor>,
): MicroBatchResult {
  const scalar = (value: TfjsTensor, what: string): TfjsTensor => {
    if (value.rank === 0) return tf.cast(value, 'float32');
    throw new InvalidInputError(
      `${program.name}: ${what} has shape [${value.shape.join(', ')}], expected a scalar`,
      { field: what, value: value.shape, remedy: 'Sum or average it to shape [].' },
    );
  };
  let scalars: TfjsTensor | undefined;
  let metricNames: readonly string[] = [];
  const forward = (): TfjsTensor => {
    const { loss, metrics } = program.run(ops, parameters, inputs);
    if (loss.dtype !== 'float32') {
      throw new InvalidInputError(`${program.name}: loss is of type ${loss.dtype}`, {
        field: 'loss',
        remedy: 'Return a float loss.',
      });
    }
    metricNames = Object.keys(metrics);
    const reported = [
      scalar(loss, 'loss'),
      ...metricNames.map((name) => scalar(metrics[name]!, `metric ${name}`)),
    ];
    // Kept by hand: the tape frees all that the forward pass made but its one result.
    scalars = tf.keep(tf.stack(reported));
    return reported[0]!;
  };
  const trained = trainedParameters(program);
  const names = Object.keys(trained);
  try {
    const by = names.map((name) => parameters[name]!);
    // Unlike tf.grads, this allows parameters that the loss does not depend on.
    const { grads } = tf.engine().gradients(forward, by, undefined, true);
    const found = new Map<string, TfjsTensor | undefined>(names.map((name, i) => [name, grads[i]]));
    return {
      scalars: tf.clone(scalars!),
      metricNames,
      gradients: mapNamed(trained, (shape, name) => found.get(name) ?? tf.zeros([...shape])),
    };
  } catch (error) {
    // A tape that is not run backward keeps what it saved.
    for (const node of tf.engine().state.activeTape ?? [])
      for (const saved of node.saved ?? []) saved.dispose();
    throw error;
  } finally {
    scalars?.dispose();
  }
}
