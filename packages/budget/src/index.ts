export { leafBudget, type LeafBudgetOptions } from './leaf-budget.js';
