import type { ModelProgram, Named, TensorOps, TensorProgram, TensorSpec } from '@spark-rl/tensor';

/** Where the targets stand: inputs of the loss and of {@link logProbProgram}. */
export const targetInputs = {
  targetPositions: { dtype: 'int32', shape: ['target'] },
  targetTokens: { dtype: 'int32', shape: ['target'] },
} as const satisfies Named<TensorSpec>;

/** Log-probabilities of the whole vocabulary [target, vocabulary] and of the targets [target], at a temperature. */
export function logProbsOfTargets<T>(
  ops: TensorOps<T>,
  model: ModelProgram,
  temperature: number,
  parameters: Named<T>,
  inputs: Named<T>,
): { readonly all: T; readonly chosen: T } {
  const logits = model.logits(ops, parameters, inputs, inputs['targetPositions']!);
  const all = ops.logSoftmax(
    temperature === 1 ? logits : ops.div(logits, ops.constant(temperature)),
  );
  const picked = ops.mul(ops.oneHot(inputs['targetTokens']!, model.vocabularySize), all);
  return { all, chosen: ops.sum(picked, [-1]) };
}

/**
 * Computes `logProbs`, shape `[target]`, the log-probability of each target at the rollout temperature.
 *
 * @param options.entropies - computes `entropies` too, shape `[target]`: the entropy of the distribution that the target was drawn from, nats
 */
export function logProbProgram(
  model: ModelProgram,
  temperature: number,
  options: { readonly entropies?: boolean } = {},
): TensorProgram {
  return {
    name: 'target-log-probs',
    parameters: model.parameters,
    inputs: { ...model.inputs, ...targetInputs },
    run: <T>(ops: TensorOps<T>, parameters: Named<T>, inputs: Named<T>): Named<T> => {
      const { all, chosen } = logProbsOfTargets(ops, model, temperature, parameters, inputs);
      if (options.entropies !== true) return { logProbs: chosen };
      const entropies = ops.neg(ops.sum(ops.mul(ops.exp(all), all), [-1]));
      return { logProbs: chosen, entropies };
    },
  };
}
