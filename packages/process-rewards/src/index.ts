export { endpointScorer, type EndpointScorerOptions, type ScoringForm } from './endpoint-scorer.js';
export { functionScorer, type ScoredTurn, type TurnRule } from './function-scorer.js';
export { holdOut, type HeldOutSplit } from './value/held-out.js';
export {
  valueExamples,
  type ValueExample,
  type ValueTargetOptions,
} from './value/value-examples.js';
export { valueLoss } from './value/value-loss.js';
export {
  measureValues,
  valueAuroc,
  valueCalibrationError,
  type ValueMetrics,
} from './value/value-metrics.js';
export type { ValueTrainerOptions } from './value/value-options.js';
export { valueRater, type ValueRater } from './value/value-rater.js';
export { valueScorer, type ValueReadingOptions, type ValueScorer } from './value/value-scorer.js';
export {
  valueTrainer,
  type ValueProgress,
  type ValueTrainer,
  type ValueTrainerSettings,
} from './value/value-trainer.js';
