export type { Answer, LiveWorld, StartAnswer } from './live-world.js';
export { recordEnvironment, type RecordedRun, type RecordingState } from './record-environment.js';
export { recordedEnvironment, type RecordedState } from './recorded-environment.js';
export {
  type RecordedEpisode,
  type RecordedMoment,
  type RecordedQuery,
  type Recording,
} from './recording.js';
export { recordingFromJson, recordingToJson } from './recording-json.js';
export { ReplayMismatchError, type ReplayMismatch } from './replay-mismatch.js';
export { hashObservation, type AnswerPrint, type ReplayState } from './replay-state.js';
export {
  replayedEnvironment,
  type ReplayedEnvironment,
  type ReplayedEnvironmentOptions,
  type ReplayStats,
} from './replayed-environment.js';
export type { PoolCounts } from './world-pool.js';
