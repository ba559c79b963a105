import { parseInput, type BranchingCriterion } from '@spark-rl/core';
import { z } from 'zod';

import { countSchema } from '../schemas.js';
import { widthSchema } from '../width.js';

const tableOptions = z.strictObject({
  widths: z.record(
    z.string().regex(/^(0|[1-9]\d*)$/, 'expected turn indices, whole numbers from 0, as keys'),
    widthSchema,
  ),
});

const periodOptions = z.strictObject({
  every: countSchema,
  from: z.int().min(0).default(0),
  width: widthSchema.default(2),
});

/** Which turns fork, and how wide, in {@link turnSchedule}. */
export type TurnScheduleOptions = z.input<typeof tableOptions> | z.input<typeof periodOptions>;

/**
 * Forks at fixed turns, whatever the agent does: b_t as a table says, 1 elsewhere; or b_t = B at turns f, f + e, f + 2e, ... With a
 * budget that fits, all trees have one fixed shape: the product of the widths is the number of leaves a root.
 *
 * @param options - `widths`: the width at each turn, by turn index from 0: `{ 0: 2, 5: 3 }`
 *   `every`: e, instead of a table; a whole number of at least 1
 *   `from`: f, with `every`; 0 by default
 *   `width`: B, with `every`; 2 by default
 * @throws InvalidInputError when an option is not such a value
 * @see https://arxiv.org/abs/2505.23564 (SPO), whose trees have a fixed shape
 */
export function turnSchedule(options: TurnScheduleOptions): BranchingCriterion {
  return 'every' in options ? periodic(options) : tabled(options);
}

function periodic(options: unknown): BranchingCriterion {
  const { every, from, width } = parseInput(periodOptions, options, 'options of turnSchedule');
  return {
    id: `turn-schedule(every ${every} from ${from},${width})`,
    maxWidth: width,
    decide: ({ turnIndex }) => ({
      width: turnIndex >= from && (turnIndex - from) % every === 0 ? width : 1,
    }),
  };
}

function tabled(options: unknown): BranchingCriterion {
  const table = parseInput(tableOptions, options, 'options of turnSchedule');
  const widths = new Map(
    Object.entries(table.widths).map(([turn, width]) => [Number(turn), width]),
  );
  return {
    id: `turn-schedule(${[...widths].map(([turn, width]) => `${turn}:${width}`).join(',')})`,
    maxWidth: Math.max(1, ...widths.values()),
    decide: ({ turnIndex }) => ({ width: widths.get(turnIndex) ?? 1 }),
  };
}
