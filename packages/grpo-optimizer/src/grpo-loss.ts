import type { LanguageModel, LossProgram, Named, TensorOps, TensorProgram } from '@spark-rl/tensor';

import {
  boundedDifference,
  clippedObjective,
  isClipped,
  type ClipRange,
} from './clipped-objective.js';

/** The numbers of the loss. */
export interface GrpoLossSettings extends ClipRange {
  /** The temperature that responses were sampled at: logits are divided by it. */
  readonly temperature: number;
  /** Weight of the KL divergence to the reference; 0 leaves the reference out. */
  readonly klCoefficient: number;
  /** Weight of the entropy bonus. */
  readonly entropyCoefficient: number;
}

const target = ['target'] as const;

/** Where the targets stand: inputs of both programs below. */
const targetInputs = {
  targetPositions: { dtype: 'int32', shape: target },
  targetTokens: { dtype: 'int32', shape: target },
} as const;

const perTarget = { dtype: 'float32', shape: target } as const;

/** Log-probabilities of the whole vocabulary [target, vocabulary] and of the targets [target]. */
function targetLogProbs<T>(
  ops: TensorOps<T>,
  model: LanguageModel,
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

/** Computes `logProbs`, shape `[target]`, the log-probability of each target at the rollout temperature. */
export function logProbProgram(model: LanguageModel, temperature: number): TensorProgram {
  return {
    name: 'target-log-probs',
    parameters: model.parameters,
    inputs: { ...model.inputs, ...targetInputs },
    run: (ops, parameters, inputs) => ({
      logProbs: targetLogProbs(ops, model, temperature, parameters, inputs).chosen,
    }),
  };
}

/**
 * The estimator k3 of the KL divergence from the reference, exp(d) - d - 1 with d = ref - log p
 * (http://joschu.net/blog/kl-approx.html), at most 10. Never negative.
 */
export function k3<T>(ops: TensorOps<T>, logProbs: T, reference: T): T {
  const d = boundedDifference(ops, reference, logProbs);
  const estimate = ops.sub(ops.sub(ops.exp(d), d), ops.constant(1));
  return ops.minimum(estimate, ops.constant(10));
}

/**
 * The GRPO loss (arXiv 2402.03300) with every shared turn trained once:
 *
 *     - sum [P min(r, 1 + e_high) + Q min(max(r, 1 - e_low), c)] + kl sum W k3 - entropy sum W H
 *
 * `positive` (P), `negative` (Q) and `weight` (W) come already divided by the sum of W over all tokens of the optimiser step, so
 * that the losses of its micro-batches add up to the token mean. Metrics are means in the same sense.
 */
export function grpoLoss(model: LanguageModel, settings: GrpoLossSettings): LossProgram {
  const { temperature, klCoefficient, entropyCoefficient } = settings;
  const anchored = klCoefficient > 0;
  return {
    name: 'grpo',
    parameters: model.parameters,
    frozen: model.frozen ?? [],
    inputs: {
      ...model.inputs,
      ...targetInputs,
      oldLogProbs: perTarget,
      ...(anchored ? { referenceLogProbs: perTarget } : {}),
      positive: perTarget,
      negative: perTarget,
      weight: perTarget,
    },
    run: <T>(ops: TensorOps<T>, parameters: Named<T>, inputs: Named<T>) => {
      const { all, chosen } = targetLogProbs(ops, model, temperature, parameters, inputs);
      const weight = inputs['weight']!;
      const credit = { positive: inputs['positive']!, negative: inputs['negative']! };
      const total = (perToken: T): T => ops.sum(perToken, [0]);
      const weighted = (perToken: T): T => total(ops.mul(weight, perToken));

      const ratio = ops.exp(boundedDifference(ops, chosen, inputs['oldLogProbs']!));
      const policyLoss = ops.neg(total(clippedObjective(ops, ratio, credit, settings)));
      // Without a bonus the entropy is only reported: no gradient flows through it.
      const forEntropy = entropyCoefficient === 0 ? ops.stopGradient(all) : all;
      const entropy = weighted(ops.neg(ops.sum(ops.mul(ops.exp(forEntropy), forEntropy), [-1])));
      const bonus = ops.mul(ops.constant(entropyCoefficient), entropy);
      const metrics = {
        policyLoss,
        entropy,
        ratio: weighted(ratio),
        ratioDeviation: weighted(ops.abs(ops.sub(ratio, ops.constant(1)))),
        clipRatio: weighted(isClipped(ops, ratio, credit, settings)),
      };
      const loss = ops.sub(policyLoss, bonus);
      if (!anchored) return { loss, metrics };
      const kl = weighted(k3(ops, chosen, inputs['referenceLogProbs']!));
      const pull = ops.mul(ops.constant(klCoefficient), kl);
      return { loss: ops.add(loss, pull), metrics: { ...metrics, kl } };
    },
  };
}
