import type { RandomSource } from '@spark-rl/core';

import type { PackedRow } from './packed-rows.js';

const copiesOf = (row: PackedRow): number => row.turns.reduce((sum, { copies }) => sum + copies, 0);

/** How a rollout batch becomes optimiser steps. */
export interface StepPlan {
  /** How many optimiser steps; when absent, as many as `copiesPerStep` asks for. */
  readonly optimizerStepsPerBatch?: number | undefined;
  /** About how many copies of turns make a step. */
  readonly copiesPerStep: number;
}

/**
 * Shuffles rows and cuts them into optimiser steps of about equally many copies. A row is never cut, so a shared turn is never split
 * between steps. No step is empty: with fewer rows than steps there are fewer steps.
 */
export function planSteps(
  rows: readonly PackedRow[],
  { optimizerStepsPerBatch, copiesPerStep }: StepPlan,
  random: RandomSource,
): PackedRow[][] {
  const total = rows.reduce((sum, row) => sum + copiesOf(row), 0);
  const count = optimizerStepsPerBatch ?? Math.max(1, Math.round(total / copiesPerStep));
  const steps: PackedRow[][] = Array.from({ length: count }, () => []);
  let copies = 0;
  for (const row of random.shuffle(rows)) {
    const middle = copies + copiesOf(row) / 2;
    steps[Math.min(count - 1, Math.floor((middle / total) * count))]!.push(row);
    copies += copiesOf(row);
  }
  return steps.filter((step) => step.length > 0);
}
