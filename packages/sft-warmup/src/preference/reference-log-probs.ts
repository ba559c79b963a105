import {
  batchSequences,
  type Engine,
  type LanguageModel,
  type ParameterSet,
} from '@spark-rl/tensor';

import { targetLogProbProgram } from './dpo-loss.js';
import { pairRows, targetTensors, type PairReference } from './pair-batches.js';
import type { PreferencePair } from './preference-pair.js';

/**
 * The log-probability of both sides of every pair under a model: the sum over their targets, nats. Computed once, before training, with the
 * weights that the policy is held to; the reference need not stay in memory.
 */
export async function referenceLogProbs(
  engine: Engine,
  model: LanguageModel,
  parameters: ParameterSet,
  pairs: readonly PreferencePair[],
  options: { readonly tokenBudget: number },
): Promise<readonly PairReference[]> {
  const rows = pairRows(pairs);
  const sums = pairs.map(() => ({ chosen: 0, rejected: 0 }));
  const program = await engine.compile(targetLogProbProgram(model));
  try {
    const batches = batchSequences(
      rows.map(({ row }) => row),
      { tokenBudget: options.tokenBudget, contextLength: model.contextLength },
    );
    for (const batch of batches) {
      const { logProbs } = await program.run(parameters, targetTensors(model, batch));
      let at = 0;
      for (const index of batch.rows) {
        const { row, pair, side } = rows[index]!;
        const own = logProbs!.data.subarray(at, at + row.targets.length);
        sums[pair]![side === 1 ? 'chosen' : 'rejected'] += Array.from(own).reduce(
          (a, b) => a + b,
          0,
        );
        at += own.length;
      }
    }
  } finally {
    program.dispose();
  }
  return sums;
}
