export { leafBudget, type LeafBudgetOptions } from './leaf-budget.js';
export { splitSpending, type SplitSpendingOptions } from './split-spending.js';
export { taskBudget, type TaskBudgetOptions } from './task-budget.js';
