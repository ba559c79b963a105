import type { LanguageModel, LossProgram, Named, TensorOps } from '@spark-rl/tensor';

const target = ['target'] as const;

/**
 * Masked cross-entropy: - sum_i weight_i log p(target_i). Logits are computed at the targets only. With weights of 1 / n, n the targets of
 * the whole optimiser step, the losses of its micro-batches add up to the token mean. The metric `accuracy` is the weight of the targets
 * that the model finds likeliest.
 */
export function crossEntropyLoss(model: LanguageModel): LossProgram {
  return {
    name: 'cross-entropy',
    parameters: model.parameters,
    frozen: model.frozen ?? [],
    inputs: {
      ...model.inputs,
      targetPositions: { dtype: 'int32', shape: target },
      targetTokens: { dtype: 'int32', shape: target },
      weight: { dtype: 'float32', shape: target },
    },
    run: <T>(ops: TensorOps<T>, parameters: Named<T>, inputs: Named<T>) => {
      const logits = model.logits(ops, parameters, inputs, inputs['targetPositions']!);
      const logProbs = ops.logSoftmax(logits);
      const picked = ops.mul(ops.oneHot(inputs['targetTokens']!, model.vocabularySize), logProbs);
      const chosen = ops.sum(picked, [-1]);
      const hit = ops.toFloat(ops.lessEqual(ops.max(logProbs, [-1]), chosen));
      const weighted = (perToken: T): T => ops.sum(ops.mul(inputs['weight']!, perToken), [0]);
      return {
        loss: ops.neg(weighted(chosen)),
        metrics: { accuracy: ops.stopGradient(weighted(hit)) },
      };
    },
  };
}
