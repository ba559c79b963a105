export type {
  ExpandEvent,
  FinishedTreeEvent,
  ForkEvent,
  GrantEvent,
  LeafEvent,
  OpenEvent,
  PoisonEvent,
  RetryEvent,
  RolloutEvent,
  RolloutListener,
  TurnEvent,
} from './events.js';
export type {
  ConstrainedTurn,
  RolloutParts,
  RolloutTreeOptions,
  RolloutTreesOptions,
  TreeRequest,
} from './options.js';
export { rolloutTree } from './rollout-tree.js';
export { rolloutTrees } from './rollout-trees.js';
export { seededOrder } from './seeded-order.js';
export type { RolloutSettings } from './settings.js';
export { streamTrees } from './stream-trees.js';
export { selectLeaf, type LeafCandidate, type LeafRule, type PathView } from './select-leaf.js';
export {
  bestOf,
  environmentScore,
  firstPath,
  lastAction,
  majorityVote,
  meanLogProbability,
} from './select-leaf-rules.js';
export { summarizeTrees, type TreesSummary } from './statistics/summarize-trees.js';
export { treeMetrics } from './statistics/tree-metrics.js';
export {
  treeStatistics,
  type GrowthStatistics,
  type TreeStatistics,
} from './statistics/tree-statistics.js';
