export { attainableAuroc, type SuccessCount } from './attainable-auroc.js';
export { auroc } from './auroc.js';
export { basePath } from './base-path.js';
export {
  betweenActionError,
  betweenActionVariance,
  type ActionOutcomes,
} from './between-actions.js';
export type { Estimate } from './bootstrap.js';
export { budgetedForks, oracleGain } from './budgeted-forks.js';
export { expectedCalibrationError } from './calibration-error.js';
export {
  compareCriteria,
  type CompareCriteriaOptions,
  type ImportanceAtTurn,
  type LabReport,
} from './compare-criteria.js';
export { criticalTurns, type CriticalRule } from './critical-turns.js';
export type { Continuation, ImportanceMeasure } from './importance.js';
export type { CriterionReport, TriggersAtTurn } from './measure-criterion.js';
export type { NoiseCeiling } from './noise-ceiling.js';
export {
  offlineDecisions,
  type OfflineDecision,
  type OfflineRollout,
} from './offline-decisions.js';
export { observer, probeExpansion, probeLeaves, type ProbeExpansionOptions } from './probe.js';
export type { ProbedTurn } from './probed-tasks.js';
export { successVariance, successVarianceError } from './success-variance.js';
export { turnImportance, type TurnImportance } from './turn-importance.js';
