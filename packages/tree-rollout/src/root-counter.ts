import { BudgetError, type Budget, type LeafAccount } from '@spark-rl/core';

/**
 * The plainest budget: M leaves, one for each root, and no fork ever. What a rollout uses when it is given none; see
 * `@spark-rl/budget` for budgets that allow forks.
 */
export const rootCounter = (roots: number): Budget => ({
  id: `roots(${roots})`,
  open: () => {
    let opened = false;
    let used = 0;
    let failed = 0;
    const account = (): LeafAccount => ({
      limit: roots,
      used,
      reserved: opened ? roots - used - failed : 0,
      failed,
      free: opened ? 0 : roots,
    });
    const settle = (): void => {
      if (account().reserved === 0)
        throw new BudgetError('no leaf is running', { remedy: 'Settle each leaf once.' });
    };
    return {
      account,
      openRoots: (count) => {
        if (opened || count !== roots) {
          throw new BudgetError(`${count} roots were asked of a counter of ${roots}`, {
            field: 'roots',
            value: count,
            remedy: `Open exactly ${roots} roots, once.`,
          });
        }
        opened = true;
      },
      branch: () => 1,
      open: () => 0,
      tighten: () => undefined,
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
