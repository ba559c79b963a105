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
export { sftOptionsSchema, type SftOptions } from './options.js';
export {
  sftTrainer,
  type SftProgress,
  type SftTrainer,
  type SftTrainerSettings,
} from './sft-trainer.js';
export { planBatches, type TrainingPlan } from './training-plan.js';
