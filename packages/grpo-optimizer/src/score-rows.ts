import type { CompiledProgram, LanguageModel, ParameterSet } from '@spark-rl/tensor';

import type { PackedRow } from './packed-rows.js';
import { batchRows, type BatchPlan } from './row-batches.js';

/** What a model finds at the targets of a row, in order. */
export interface RowScore {
  readonly logProbs: Float32Array;
  /** Empty where the program computes none. */
  readonly entropies: Float32Array;
}

/** Runs the log-probability program over rows, each once. */
export async function scoreRows(
  program: CompiledProgram,
  parameters: ParameterSet,
  model: LanguageModel,
  rows: readonly PackedRow[],
  plan: BatchPlan,
): Promise<ReadonlyMap<PackedRow, RowScore>> {
  const scores = new Map<PackedRow, RowScore>();
  for (const batch of batchRows(model, rows, plan)) {
    const { logProbs, entropies } = await program.run(parameters, batch.forward);
    let at = 0;
    for (const index of batch.rows) {
      const row = rows[index]!;
      const end = at + row.targets.length;
      scores.set(row, {
        logProbs: Float32Array.from(logProbs!.data.subarray(at, end)),
        entropies: Float32Array.from(entropies?.data.subarray(at, end) ?? []),
      });
      at = end;
    }
  }
  return scores;
}
