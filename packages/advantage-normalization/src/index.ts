export type { CopyWeights } from './copy-weights.js';
export { successReward } from './group.js';
export { leafStatistics, type LeafStatisticsOptions } from './leaf-statistics.js';
export { normalise, type Normalisation } from './normalise.js';
export { rowStatistics, type RowStatisticsOptions } from './row-statistics.js';
export { uniqueNode, type UniqueNodeOptions } from './unique-node.js';
