export { crossEntropyLoss } from './cross-entropy.js';
export { describeExamples, type ExampleStatistics } from './example-statistics.js';
export {
  collectExpertEpisodes,
  type CollectionSettings,
  type ExpertCollection,
  type ExpertEpisode,
  type ExpertStep,
} from './expert-episode.js';
export {
  expertExamples,
  type ExampleSettings,
  type ExampleTokenizer,
  type ExampleTurn,
  type ExpertExamples,
} from './expert-examples.js';
export { describeFormat, type FormatStatistics } from './format-statistics.js';
export { sftOptionsSchema, type SftOptions } from './options.js';
export { dpoLoss, type DpoLossSettings } from './preference/dpo-loss.js';
export {
  etoPairs,
  etoRounds,
  trainEto,
  type EtoExpert,
  type EtoPairOptions,
  type EtoRound,
  type EtoSettings,
} from './preference/eto.js';
export type { PairReference } from './preference/pair-batches.js';
export {
  siblingPreferences,
  type PreferencePair,
  type SiblingPreferenceOptions,
} from './preference/preference-pair.js';
export {
  dpoOptionsSchema,
  preferenceTrainer,
  type DpoOptions,
  type DpoProgress,
  type PreferenceTrainerSettings,
} from './preference/preference-trainer.js';
export { referenceLogProbs } from './preference/reference-log-probs.js';
export {
  annotateByRule,
  relabelModes,
  type AnnotationRule,
  type RuleContext,
} from './rule-annotation.js';
export {
  sftTrainer,
  type SftProgress,
  type SftTrainer,
  type SftTrainerSettings,
} from './sft-trainer.js';
export {
  successfulExamples,
  type SuccessfulExampleOptions,
  type SuccessfulExamples,
} from './successful-examples.js';
export { actionPath, type ActionPath } from './teacher/action-path.js';
export { folderCache, type AnnotationCache } from './teacher/annotation-cache.js';
export {
  annotationPrompt,
  sparkAnnotationModes,
  type ModeMeanings,
} from './teacher/annotation-prompt.js';
export {
  chatTeacher,
  type ChatTeacherOptions,
  type Teacher,
  type TeacherAnswer,
} from './teacher/chat-teacher.js';
export { policyTeacher, type PolicyTeacherOptions } from './teacher/policy-teacher.js';
export { readAnnotations } from './teacher/read-annotations.js';
export {
  retroAnnotate,
  type RetroAnnotation,
  type RetroAnnotationSettings,
} from './teacher/retro-annotate.js';
export { planBatches, type TrainingPlan } from './training-plan.js';
export type { StepProgress, TrainingSteps } from './training-steps.js';
