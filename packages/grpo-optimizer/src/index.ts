export {
  clippedObjective,
  isClipped,
  type ClipRange,
  type TokenCredit,
} from './objective/clipped-objective.js';
export { cispoObjective } from './objective/cispo-objective.js';
export { reinforceObjective } from './objective/reinforce-objective.js';
export { segmentTensors, sequenceRatio } from './objective/sequence-ratio.js';
export { klEstimate, type KlEstimator } from './objective/kl-estimators.js';
export { tokenDivisor, type Aggregation, type WeighedResponse } from './objective/aggregation.js';
export { collapseCopies, type CollapsedCredit } from './objective/collapsed-credit.js';
export {
  correctionWeights,
  samplerDrift,
  type ImportanceCorrection,
  type SamplerDrift,
} from './correction/importance-correction.js';
export { entropyThreshold, type WeighedEntropy } from './correction/entropy-threshold.js';
export { stalenessOf } from './correction/staleness.js';
export { withholdStale, type FreshTrees } from './correction/withhold-stale.js';
export { averageReference } from './reference-average.js';
export { grpoLearner, type GrpoLearner, type GrpoLearnerSettings } from './grpo-learner.js';
export {
  grpoLoss,
  type GrpoLossSettings,
  type PolicyObjective,
  type RatioLevel,
} from './grpo-loss.js';
export { microBatches, type MicroBatch, type MicroBatchPlan } from './micro-batches.js';
export { planSteps, type StepPlan } from './optimizer-steps.js';
export { grpoOptionsSchema, type GrpoOptions } from './options.js';
export { packCopies, type PackCopiesOptions } from './packed-copies.js';
export { packTurns, type PackedRow, type TrainedTurn } from './packed-rows.js';
export { type PackableTree } from './trainable-turns.js';
export { programOf, type BatchPlan, type Packing } from './row-batches.js';
export { trainingRow, type TokenAdjustments, type TrainingRow } from './training-rows.js';
export { logProbProgram } from './target-log-probs.js';
