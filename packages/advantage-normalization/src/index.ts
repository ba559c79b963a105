export {
  dynamicSampling,
  type DynamicSamplingOptions,
  type SamplingDecision,
} from './batch/dynamic-sampling.js';
export { estimateBatch } from './batch/estimate-batch.js';
export {
  informativeGroups,
  onlyInformative,
  type DropReason,
  type FilteredGroups,
  type InformativeGroupsOptions,
} from './batch/informative-groups.js';
export { scoreTrees } from './batch/score-trees.js';
export { weightedSum, type Summand } from './batch/weighted-sum.js';
export { whitened, type WhitenedOptions } from './batch/whitened.js';
export type { CopyWeights } from './group/copy-weights.js';
export type { GroupLeaf } from './group/group.js';
export {
  environmentScore,
  referenceCodeReward,
  successReward,
  type LeafReward,
} from './group/rewards.js';
export type { TurnValueRule } from './group/turn-values.js';
export { drGrpo, type DrGrpoOptions } from './grpo/dr-grpo.js';
export { leafStatistics, type LeafStatisticsOptions } from './grpo/leaf-statistics.js';
export { maxRl, type MaxRlOptions } from './grpo/max-rl.js';
export { rowStatistics, type RowStatisticsOptions } from './grpo/row-statistics.js';
export { siblingLocal, type SiblingLocalOptions } from './grpo/sibling-local.js';
export { uniqueNode, type UniqueNodeOptions } from './grpo/unique-node.js';
export { reinforce, type ReinforceOptions } from './reinforce/reinforce.js';
export {
  reinforcePlusPlus,
  type ReinforcePlusPlusOptions,
} from './reinforce/reinforce-plus-plus.js';
export {
  reinforcePlusPlusBaseline,
  type ReinforcePlusPlusBaselineOptions,
} from './reinforce/reinforce-plus-plus-baseline.js';
export { rloo, type RlooOptions } from './reinforce/rloo.js';
export { normalise, type Normalisation } from './statistics/normalise.js';
export { type LoneRule } from './statistics/normalise-within.js';
export { anchorGroups } from './steps/anchor-groups.js';
export type { EpisodeStatistics } from './steps/episode-advantages.js';
export { giGpo, type GiGpoOptions } from './steps/gigpo.js';
export { rlvmr, type RlvmrOptions } from './steps/rlvmr.js';
export { sequenceSimilarity } from './steps/sequence-similarity.js';
export {
  ratedReward,
  scoreGain,
  terminalReward,
  type Step,
  type StepReward,
} from './steps/step-rewards.js';
export { tagRewards, type TagReward, type TagRewardsOptions } from './steps/tag-rewards.js';
export { turnDiscounted, type TurnDiscountedOptions } from './steps/turn-discounted.js';
export { spoEdge, type SpoEdgeOptions } from './tree/spo-edge.js';
export { treeGrpo, type TreeGrpoOptions } from './tree/tree-grpo.js';
export { treePo, type TreePoOptions } from './tree/tree-po.js';
export { treeRl, type TreeRlOptions } from './tree/tree-rl.js';
