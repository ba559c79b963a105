export { priorityFirst } from './arbiters/priority-first.js';
export { randomSubset, type RandomSubsetOptions } from './arbiters/random-subset.js';
export { all, type AllOptions } from './combinators/all.js';
export { any, type AnyOptions } from './combinators/any.js';
export { atMost, type AtMostOptions } from './combinators/at-most.js';
export { coolDown, type CoolDownOptions } from './combinators/cool-down.js';
export { notBefore, type NotBeforeOptions } from './combinators/not-before.js';
export { not, type NotOptions } from './combinators/not.js';
export { rankBy, type RankByOptions } from './combinators/rank-by.js';
export { always, type AlwaysOptions } from './criteria/always.js';
export {
  calibratedQuantile,
  type CalibratedQuantileOptions,
} from './criteria/calibrated-quantile.js';
export { criterion, type CriterionOptions } from './criteria/criterion.js';
export { entropyChange, type EntropyChangeOptions } from './criteria/entropy-change.js';
export { exploreTag, type ExploreTagOptions } from './criteria/explore-tag.js';
export { fixedProbability, type FixedProbabilityOptions } from './criteria/fixed-probability.js';
export {
  inadmissibleAction,
  type InadmissibleActionOptions,
} from './criteria/inadmissible-action.js';
export { invalidResponse, type InvalidResponseOptions } from './criteria/invalid-response.js';
export { leastConfidence, type LeastConfidenceOptions } from './criteria/least-confidence.js';
export { never } from './criteria/never.js';
export { reasoningMode, type ReasoningModeOptions } from './criteria/reasoning-mode.js';
export {
  repeatedAction,
  repeatedObservation,
  type RepeatedActionOptions,
  type RepeatedObservationOptions,
} from './criteria/repetition.js';
export { stalledScore, type StalledScoreOptions } from './criteria/stalled-score.js';
export { surprisal, type SurprisalOptions } from './criteria/surprisal.js';
export { threshold, type ThresholdOptions } from './criteria/threshold.js';
export { maxEntropy, meanEntropy, type TokenEntropyOptions } from './criteria/token-entropy.js';
export { top2Margin, type Top2MarginOptions } from './criteria/top2-margin.js';
export { turnSchedule, type TurnScheduleOptions } from './criteria/turn-schedule.js';
export { verbalisedDoubt, type VerbalisedDoubtOptions } from './criteria/verbalised-doubt.js';
export { bestFirst, type BestFirstOptions, type TurnScore } from './expansions/best-first.js';
export { everyTurn, type EveryTurnOptions } from './expansions/every-turn.js';
export { randomNodes, type RandomNodesOptions } from './expansions/random-nodes.js';
export {
  calibrate,
  calibratedThreshold,
  parseCalibration,
  type CalibrateOptions,
  type Calibration,
} from './signals/calibration.js';
export { DOUBT_PHRASES, doubtSignal, type DoubtSignalOptions } from './signals/doubt.js';
export { entropyChangeSignal, type EntropyChangeSignalOptions } from './signals/entropy-change.js';
export {
  leastConfidenceSignal,
  top2MarginSignal,
  type LikeliestTokensOptions,
} from './signals/likeliest-tokens.js';
export { repetitionSignal, type RepetitionSignalOptions } from './signals/repetition.js';
export { measure, type Signal } from './signals/signal.js';
export { lowRatingSignal } from './signals/low-rating.js';
export { stalledSignal } from './signals/stalled.js';
export { surprisalSignal, type SurprisalSignalOptions } from './signals/surprisal.js';
export { maxEntropySignal, meanEntropySignal } from './signals/token-entropy.js';
