import type { ModelProgram, LossProgram, Named, TensorOps } from '@spark-rl/tensor';

import { cispoObjective, isCut } from './objective/cispo-objective.js';
import {
  clippedObjective,
  isClipped,
  type ClipRange,
  type TokenCredit,
} from './objective/clipped-objective.js';
import { k3, klEstimate, type KlEstimator } from './objective/kl-estimators.js';
import { boundLogRatio } from './objective/log-ratio.js';
import { reinforceObjective } from './objective/reinforce-objective.js';
import { segmentInputs, sequenceRatio } from './objective/sequence-ratio.js';
import { logProbsOfTargets, targetInputs } from './target-log-probs.js';

/** What is made large for each token. */
export type PolicyObjective = 'ppo' | 'cispo' | 'reinforce';

/** What a ratio is of: a token, a turn's response (GSPO), or all responses of a path that stand in one row. */
export type RatioLevel = 'token' | 'sequence' | 'path';

/** The numbers of the loss. */
export interface GrpoLossSettings extends ClipRange {
  /** The temperature that responses were sampled at: logits are divided by it. */
  readonly temperature: number;
  /** Weight of the KL divergence to the reference in the loss; 0 leaves the reference out. */
  readonly klCoefficient: number;
  /** Weight of the entropy bonus. */
  readonly entropyCoefficient: number;
  /** Default `ppo`. */
  readonly objective?: PolicyObjective;
  /** Default `token`. */
  readonly ratio?: RatioLevel;
  /** Default `k3`. */
  readonly klEstimator?: KlEstimator;
  /** The estimate of a token is cut to [-klClamp, klClamp]. Default 10. */
  readonly klClamp?: number;
}

const perTarget = { dtype: 'float32', shape: ['target'] } as const;

/** The objective of each token, and whether its ratio was clipped; shapes [target]. */
function policyTerms<T>(
  ops: TensorOps<T>,
  settings: GrpoLossSettings,
  ratio: T,
  chosen: T,
  credit: TokenCredit<T>,
): { readonly objective: T; readonly clipped: T } {
  switch (settings.objective ?? 'ppo') {
    case 'ppo':
      return {
        objective: clippedObjective(ops, ratio, credit, settings),
        clipped: isClipped(ops, ratio, credit, settings),
      };
    case 'cispo':
      return {
        objective: cispoObjective(ops, ratio, chosen, credit, settings),
        clipped: isCut(ops, ratio, credit, settings),
      };
    case 'reinforce':
      return {
        objective: reinforceObjective(ops, chosen, credit),
        clipped: ops.mul(ops.constant(0), ops.stopGradient(chosen)),
      };
  }
}

/**
 * The GRPO loss (arXiv 2402.03300) with every shared turn trained once:
 *
 *     - sum objective(r, P, Q) + kl sum W k - entropy sum W H
 *
 * with the objective of {@link clippedObjective}, {@link cispoObjective} or {@link reinforceObjective}, the ratio r of the token or of its
 * sequence ({@link sequenceRatio}), and the estimate k of {@link klEstimate}.
 *
 * `positive` (P), `negative` (Q) and `weight` (W) come already divided by the aggregation's divisor over the optimiser step
 * (`tokenDivisor`), so that the losses of its micro-batches add up. Metrics are weighted by `weight` in the same sense; `policyKl` is the k3
 * estimate of how far the policy is from the one that sampled, by tokens.
 */
export function grpoLoss(model: ModelProgram, settings: GrpoLossSettings): LossProgram {
  const { temperature, klCoefficient, entropyCoefficient } = settings;
  const anchored = klCoefficient > 0;
  const bySequence = (settings.ratio ?? 'token') !== 'token';
  return {
    name: 'grpo',
    parameters: model.parameters,
    frozen: model.frozen ?? [],
    inputs: {
      ...model.inputs,
      ...targetInputs,
      ...(bySequence ? segmentInputs : {}),
      oldLogProbs: perTarget,
      ...(anchored ? { referenceLogProbs: perTarget } : {}),
      positive: perTarget,
      negative: perTarget,
      weight: perTarget,
    },
    run: <T>(ops: TensorOps<T>, parameters: Named<T>, inputs: Named<T>) => {
      const { all, chosen } = logProbsOfTargets(ops, model, temperature, parameters, inputs);
      const weight = inputs['weight']!;
      const credit = { positive: inputs['positive']!, negative: inputs['negative']! };
      const total = (perToken: T): T => ops.sum(perToken, [0]);
      const weighted = (perToken: T): T => total(ops.mul(weight, perToken));

      const difference = ops.sub(chosen, inputs['oldLogProbs']!);
      const bounded = boundLogRatio(ops, difference);
      const ratio = bySequence ? sequenceRatio(ops, difference, inputs) : ops.exp(bounded);
      const { objective, clipped } = policyTerms(ops, settings, ratio, chosen, credit);
      const policyLoss = ops.neg(total(objective));
      // Without a bonus the entropy is only reported: no gradient flows through it.
      const forEntropy = entropyCoefficient === 0 ? ops.stopGradient(all) : all;
      const entropy = weighted(ops.neg(ops.sum(ops.mul(ops.exp(forEntropy), forEntropy), [-1])));
      const bonus = ops.mul(ops.constant(entropyCoefficient), entropy);
      const metrics = {
        policyLoss,
        entropy,
        ratio: weighted(ratio),
        ratioDeviation: weighted(ops.abs(ops.sub(ratio, ops.constant(1)))),
        clipRatio: weighted(clipped),
        policyKl: weighted(k3(ops, ops.stopGradient(bounded))),
      };
      const loss = ops.sub(policyLoss, bonus);
      if (!anchored) return { loss, metrics };
      const { klEstimator = 'k3', klClamp = 10 } = settings;
      const reference = inputs['referenceLogProbs']!;
      const kl = weighted(klEstimate(ops, klEstimator, chosen, reference, klClamp));
      const pull = ops.mul(ops.constant(klCoefficient), kl);
      return { loss: ops.add(loss, pull), metrics: { ...metrics, kl } };
    },
  };
}
