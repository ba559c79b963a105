import { parseInput, type SpendingRule } from '@spark-rl/core';
import { z } from 'zod';

const range = z.strictObject({ agree: z.int().min(1), split: z.int().min(1) });

const splitSpendingOptions = z
  .strictObject({ probes: z.int().min(2), roots: range, leaves: range, width: range })
  .superRefine(({ probes, roots, leaves, width }, context) => {
    const atLeast = (path: string[], value: number, least: number, what: string): void => {
      if (value < least)
        context.addIssue({ code: 'custom', path, message: `must be at least ${what} (${least})` });
    };
    atLeast(['roots', 'agree'], roots.agree, probes, 'the number of probes');
    atLeast(['leaves', 'agree'], leaves.agree, roots.agree, 'roots.agree');
    atLeast(['leaves', 'split'], leaves.split, roots.split, 'roots.split');
    atLeast(['roots', 'split'], roots.split, roots.agree, 'roots.agree');
    atLeast(['leaves', 'split'], leaves.split, leaves.agree, 'leaves.agree');
    atLeast(['width', 'split'], width.split, width.agree, 'width.agree');
  });

/** How many roots are looked at, and what a task spends where they agree and where they split. */
export type SplitSpendingOptions = z.input<typeof splitSpendingOptions>;

/**
 * Spends little on tasks where the first actions of all roots agree, and more where they split. After `probes` roots took their
 * first turn, the disagreement is
 *
 *   s = (distinct first actions - 1) / (first turns - 1), in [0, 1],
 *
 * and each of M, N and B is round(agree + (split - agree) s), halves up. With 4 probes, roots 4 to 6, leaves 4 to 16, width 1 to 2:
 *
 * | distinct | s   | M | N  | B |
 * | -------- | --- | - | -- | - |
 * | 1        | 0   | 4 | 4  | 1 |
 * | 2        | 1/3 | 5 | 8  | 1 |
 * | 3        | 2/3 | 5 | 12 | 2 |
 * | 4        | 1   | 6 | 16 | 2 |
 *
 * Actions are compared letter by letter as the environment received them; all invalid responses are one action, the empty one.
 * A root that was lost before its first turn is left out; where fewer than two are left nothing is known, and s is 1.
 *
 * What it cannot see: a split later in the episode; two spellings of one action, which count as a split, so that free-text actions
 * nearly always give s = 1; that all roots agree on what is wrong. It is a small sample: where the policy takes two actions
 * half and half, n probes agree with probability 2^(1 - n), and s is at most (A - 1) / (n - 1) where there are only A actions.
 * Groups come out of different sizes, so a loss that averages over tokens gives the tasks that split more weight.
 *
 * @param options.probes - roots that take their first turn before the rule is asked, at least 2
 * @param options.roots - M where all agree and where all differ; at least `probes`, and no more than the rollout's roots
 * @param options.leaves - N, never below M at the same end; `leaves.split` must not be more than the budget's leaves
 * @param options.width - B, at least 1; 1 forbids forks
 * @throws InvalidInputError when an option breaks these rules, or `split` is less than `agree`
 */
export function splitSpending(options: SplitSpendingOptions): SpendingRule {
  const { probes, roots, leaves, width } = parseInput(
    splitSpendingOptions,
    options,
    'options of splitSpending',
    'Give whole numbers with probes <= roots <= leaves and agree <= split.',
  );
  const show = ({ agree, split }: z.output<typeof range>): string => `${agree}..${split}`;
  return {
    id: `split-spending(${probes},roots(${show(roots)}),leaves(${show(leaves)}),width(${show(width)}))`,
    probes,
    plan: (firstTurns) => {
      const known = firstTurns.length > 1;
      const more = known ? new Set(firstTurns.map(({ action }) => action)).size - 1 : 1;
      const most = known ? firstTurns.length - 1 : 1;
      // Multiplied before it is divided: one rounding, of a quotient of whole numbers, so a half is exactly a half.
      const spend = ({ agree, split }: z.output<typeof range>): number =>
        Math.round(agree + ((split - agree) * more) / most);
      return { roots: spend(roots), leaves: spend(leaves), width: spend(width) };
    },
  };
}
