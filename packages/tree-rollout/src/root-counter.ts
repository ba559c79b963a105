import { BudgetError, type Budget, type LeafAccount } from '@spark-rl/core';

/**
 * The plainest budget: as many leaves as there may be roots, and no fork ever. What a rollout uses when it is given none; see
 * `@spark-rl/budget` for budgets that allow forks.
 */
export const rootCounter = (roots: number): Budget => ({
  id: `roots(${roots})`,
  open: () => {
    let limit = roots;
    let created = 0;
    let used = 0;
    let failed = 0;
    const account = (): LeafAccount => ({
      limit,
      used,
      reserved: created - used - failed,
      failed,
      free: limit - created,
    });
    const settle = (): void => {
      if (created === used + failed)
        throw new BudgetError('no leaf is running', { remedy: 'Settle each leaf once.' });
    };
    return {
      account,
      openRoots: (count) => {
        if (created > 0 || count > limit) {
          throw new BudgetError(`${count} roots were asked of a counter of ${limit}`, {
            field: 'roots',
            value: count,
            remedy: `Open at most ${limit} roots, once.`,
          });
        }
        created = count;
      },
      branch: () => 1,
      open: (count) => {
        const granted = Math.min(count, limit - created);
        created += granted;
        return granted;
      },
      tighten: (leaves) => {
        limit = Math.max(created, leaves);
      },
      complete: () => {
        settle();
        used++;
      },
      fail: () => {
        settle();
        failed++;
      },
    };
  },
});
