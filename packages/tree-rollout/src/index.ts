export type {
  Retry,
  RolloutHooks,
  RolloutParts,
  RolloutSettings,
  RolloutTreeOptions,
  RolloutTreesOptions,
  TreeRequest,
} from './options.js';
export { rolloutTree } from './rollout-tree.js';
export { rolloutTrees } from './rollout-trees.js';
export { seededOrder } from './seeded-order.js';
export { treeStatistics, type TreeStatistics } from './tree-statistics.js';
