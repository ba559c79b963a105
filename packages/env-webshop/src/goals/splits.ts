/** A half-open range of goals; without an end to the last one. */
export interface GoalRange {
  readonly start: number;
  readonly end?: number;
}

/**
 * How goals are divided: by the original's baselines (`original`), by verl-agent and SPARK (`verl-agent`), or not at all.
 */
export const GOAL_SPLITS = {
  original: {
    test: { start: 0, end: 500 },
    eval: { start: 500, end: 1500 },
    train: { start: 1500 },
  },
  'verl-agent': {
    val: { start: 0, end: 500 },
    train: { start: 500 },
  },
} as const satisfies Record<string, Record<string, GoalRange>>;

/** The name of a division of goals. */
export type GoalSplits = keyof typeof GOAL_SPLITS;

/** The range of a split; undefined when the division has none of that name. `all` is in every division. */
export function goalRange(splits: GoalSplits, split: string): GoalRange | undefined {
  const named: Readonly<Record<string, GoalRange>> = GOAL_SPLITS[splits];
  return split === 'all' ? { start: 0 } : Object.hasOwn(named, split) ? named[split] : undefined;
}
