import type { LanguageModel, LossProgram, Named, TensorOps, TensorProgram } from '@spark-rl/tensor';

/** The numbers of the loss. */
export interface DpoLossSettings {
  /** How far the policy may leave the reference: small is far. */
  readonly beta: number;
  /** The probability that a preference is wrong, in [0, 0.5). */
  readonly labelSmoothing: number;
}

const target = ['target'] as const;
const pair = ['pair'] as const;
const targetInputs = {
  targetPositions: { dtype: 'int32', shape: target },
  targetTokens: { dtype: 'int32', shape: target },
} as const;

/** log p of each target, shape [target]. */
function targetLogProbs<T>(
  ops: TensorOps<T>,
  model: LanguageModel,
  parameters: Named<T>,
  inputs: Named<T>,
): T {
  const logits = model.logits(ops, parameters, inputs, inputs['targetPositions']!);
  const chosen = ops.oneHot(inputs['targetTokens']!, model.vocabularySize);
  return ops.sum(ops.mul(chosen, ops.logSoftmax(logits)), [-1]);
}

/** Computes `logProbs`, shape [target]: the log-probability of each target. */
export function targetLogProbProgram(model: LanguageModel): TensorProgram {
  return {
    name: 'target-log-probs',
    parameters: model.parameters,
    inputs: { ...model.inputs, ...targetInputs },
    run: (ops, parameters, inputs) => ({
      logProbs: targetLogProbs(ops, model, parameters, inputs),
    }),
  };
}

/**
 * log sigmoid(x) and log sigmoid(-x), shape [pair], as the log-softmax of (x, 0): it never overflows, and is smooth at 0, where training
 * begins. (min(x, 0) - log(1 + exp(-|x|)) has a kink there to automatic differentiation, and its gradient at 0 comes out wrong.)
 */
export function logSigmoids<T>(ops: TensorOps<T>, x: T): readonly [T, T] {
  const column = ops.reshape(x, ['pair', 1]);
  const both = ops.logSoftmax(ops.concat([column, ops.mul(column, ops.constant(0))], 1));
  const part = (at: number): T => ops.sum(ops.slice(both, 1, at, at + 1), [-1]);
  return [part(0), part(1)];
}

/**
 * Direct preference optimisation (arXiv 2305.18290, equation 7), with smoothed labels (its conservative form):
 *
 *     m = beta [(log p(w) - log ref(w)) - (log p(l) - log ref(l))]
 *     loss = sum_pairs weight [-(1 - e) log sigmoid(m) - e log sigmoid(-m)]
 *
 * log p of a side is the sum over its targets. Inputs: `side`, shape [pair, target], is 1 where the target is of the pair's chosen side,
 * -1 of its rejected side, 0 elsewhere; `referenceChosen` and `referenceRejected`, shape [pair], are log ref of the sides; `weight`, shape
 * [pair], is 1 / n with n the pairs of the whole optimiser step, so that micro-batches add up to the mean.
 *
 * Metrics are means over the pairs: `accuracy` (m > 0), `margin` (m), and the implicit rewards of both sides, beta (log p - log ref).
 */
export function dpoLoss(model: LanguageModel, settings: DpoLossSettings): LossProgram {
  const { beta, labelSmoothing } = settings;
  return {
    name: 'dpo',
    parameters: model.parameters,
    frozen: model.frozen ?? [],
    inputs: {
      ...model.inputs,
      ...targetInputs,
      side: { dtype: 'float32', shape: ['pair', 'target'] },
      referenceChosen: { dtype: 'float32', shape: pair },
      referenceRejected: { dtype: 'float32', shape: pair },
      weight: { dtype: 'float32', shape: pair },
    },
    run: <T>(ops: TensorOps<T>, parameters: Named<T>, inputs: Named<T>) => {
      const logProbs = targetLogProbs(ops, model, parameters, inputs);
      const side = inputs['side']!;
      const zero = ops.constant(0);
      const reward = (members: T, reference: T): T =>
        ops.mul(ops.constant(beta), ops.sub(ops.sum(ops.mul(members, logProbs), [-1]), reference));
      const chosen = reward(ops.maximum(side, zero), inputs['referenceChosen']!);
      const rejected = reward(ops.maximum(ops.neg(side), zero), inputs['referenceRejected']!);
      const margin = ops.sub(chosen, rejected);
      const [right, wrong] = logSigmoids(ops, margin);
      const agree = ops.mul(ops.constant(1 - labelSmoothing), right);
      const doubt = ops.mul(ops.constant(labelSmoothing), wrong);
      const mean = (perPair: T): T => ops.sum(ops.mul(inputs['weight']!, perPair), [0]);
      const report = (perPair: T): T => ops.stopGradient(mean(perPair));
      return {
        loss: ops.neg(mean(ops.add(agree, doubt))),
        metrics: {
          accuracy: report(ops.toFloat(ops.less(zero, margin))),
          margin: report(margin),
          chosenReward: report(chosen),
          rejectedReward: report(rejected),
        },
      };
    },
  };
}
