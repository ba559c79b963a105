import type { HostTensor, Named } from '@spark-rl/tensor';

import { adjustRows } from '../src/adjust-rows.js';
import {
  grpoLoss,
  grpoOptionsSchema,
  microBatches,
  packCopies,
  packTurns,
  type GrpoOptions,
  type PackableTree,
  type PackedRow,
} from '../src/index.js';
import { addUp, evaluate } from './evaluate.js';
import { tinyLogProb, tinyModel, VOCABULARY } from './fixtures.js';

/** Weights of the tiny model, and the policy that the trees are learned with. */
export interface TinyPolicies {
  readonly now: Named<HostTensor>;
  /** The learner's before its first step. */
  readonly old: Named<HostTensor>;
  readonly reference: Named<HostTensor>;
  readonly temperature: number;
}

/** log p and entropy at the targets of a row, in plain arithmetic. */
function scoreOf(
  row: PackedRow,
  weights: Named<HostTensor>,
  temperature: number,
): { readonly logProbs: Float32Array; readonly entropies: Float32Array } {
  const contexts = [...row.targets].map((at) => row.tokens[at - 1]!);
  const logProbs = contexts.map((token, i) =>
    tinyLogProb(weights, token, row.tokens[row.targets[i]!]!, temperature),
  );
  const entropies = contexts.map((token) =>
    Array.from({ length: VOCABULARY }, (_, next) =>
      tinyLogProb(weights, token, next, temperature),
    ).reduce((sum, logProb) => sum - Math.exp(logProb) * logProb, 0),
  );
  return { logProbs: Float32Array.from(logProbs), entropies: Float32Array.from(entropies) };
}

/** Loss and gradient of one optimiser step over trees, as the learner makes it, in float64, over micro-batches. */
export function preparedGradient(
  trees: readonly PackableTree[],
  given: GrpoOptions,
  { now, old, reference, temperature }: TinyPolicies,
): Record<string, Float64Array> {
  const options = grpoOptionsSchema.parse(given);
  const rows =
    options.sharedTurns === 'once'
      ? packTurns(trees)
      : packCopies(trees, { wholePaths: options.ratio === 'path' });
  const { klIn, klCoefficient, importanceCorrection, entropyShare } = options;
  const scored = importanceCorrection !== undefined || entropyShare < 1;
  const penalised = klIn === 'reward' && klCoefficient > 0;
  const learner = scored
    ? new Map(rows.map((row) => [row, scoreOf(row, old, temperature)]))
    : undefined;
  const far = penalised
    ? new Map(rows.map((row) => [row, scoreOf(row, reference, temperature).logProbs]))
    : undefined;
  const adjusted = adjustRows(rows, { learner, reference: far }, options);
  const inLoss = klIn === 'loss' ? klCoefficient : 0;
  const program = grpoLoss(tinyModel, { ...options, klCoefficient: inLoss, temperature });
  const batches = microBatches(tinyModel, adjusted.rows, { ...options, tokenBudget: 96 });
  return addUp(
    batches.map((batch) => {
      if (inLoss === 0) return evaluate(program, now, batch.inputs);
      const referenceLogProbs = new Float32Array(batch.inputs['weight']!.data.length);
      referenceLogProbs.set(
        batch.rows.flatMap(({ row }) => [...scoreOf(row, reference, temperature).logProbs]),
      );
      const tensor: HostTensor = {
        dtype: 'float32',
        shape: [referenceLogProbs.length],
        data: referenceLogProbs,
      };
      return evaluate(program, now, { ...batch.inputs, referenceLogProbs: tensor });
    }),
  );
}
