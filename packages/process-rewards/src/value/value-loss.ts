import type { LossProgram, Named, TensorOps, ValueModel } from '@spark-rl/tensor';

import { POSITIONS } from './value-batches.js';

/**
 * Binary cross-entropy of values against soft targets y in [0, 1]: - sum_i weight_i (y_i log p_i + (1 - y_i) log(1 - p_i)), p = sigmoid of
 * the model's logit. Both logarithms are the log-softmax of (logit, 0), which neither overflows nor has a kink at 0, where training may
 * begin. It is least, for each input, where p is the mean of its targets. With weights that sum to 1 over an optimiser step it is their
 * mean, in nats.
 */
export function valueLoss(model: ValueModel): LossProgram {
  return {
    name: 'value',
    parameters: model.parameters,
    frozen: model.frozen ?? [],
    inputs: {
      ...model.inputs,
      ...POSITIONS,
      target: { dtype: 'float32', shape: ['value'] },
      weight: { dtype: 'float32', shape: ['value'] },
    },
    run: <T>(ops: TensorOps<T>, parameters: Named<T>, inputs: Named<T>) => {
      const logits = model.values(ops, parameters, inputs, inputs['positions']!);
      const column = ops.reshape(logits, ['value', 1]);
      const zero = ops.mul(column, ops.constant(0));
      const logProbs = ops.logSoftmax(ops.concat([column, zero], 1));
      const part = (at: number): T => ops.sum(ops.slice(logProbs, 1, at, at + 1), [-1]);
      const target = inputs['target']!;
      const likelihood = ops.add(
        ops.mul(target, part(0)),
        ops.mul(ops.sub(ops.constant(1), target), part(1)),
      );
      return { loss: ops.neg(ops.sum(ops.mul(inputs['weight']!, likelihood), [0])), metrics: {} };
    },
  };
}
