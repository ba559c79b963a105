export {
  clippedObjective,
  isClipped,
  type ClipRange,
  type TokenCredit,
} from './clipped-objective.js';
export { collapseCopies, type CollapsedCredit } from './collapsed-credit.js';
export { grpoLearner, type GrpoLearner, type GrpoLearnerSettings } from './grpo-learner.js';
export { grpoLoss, k3, logProbProgram, type GrpoLossSettings } from './grpo-loss.js';
export { planSteps, type StepPlan } from './optimizer-steps.js';
export { grpoOptionsSchema, type GrpoOptions } from './options.js';
export { packTurns, type PackableTree, type PackedRow, type TrainedTurn } from './packed-rows.js';
