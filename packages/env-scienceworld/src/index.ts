export type {
  CallOrder,
  Simulator,
  SimulatorStart,
  SimulatorStep,
  SimulatorTask,
} from './simulator.js';
export { jarSimulator } from './bridge/jar-simulator.js';
export type { JarSimulatorOptions } from './bridge/jar-simulator-options.js';
export {
  openSimulators,
  type SimulatorPool,
  type SimulatorPoolCounts,
  type SimulatorPoolOptions,
} from './pool/simulator-pool.js';
export { capacityFromMemory } from './pool/capacity.js';
export { findJar } from './bridge/find-jar.js';
export { readJarVersion } from './bridge/jar-version.js';
export {
  GatewayProtocolError,
  JarNotFoundError,
  JavaError,
  SimulatorFaultError,
  SimulatorGoneError,
  SimulatorLaunchError,
  SimulatorTimeoutError,
} from './bridge/errors.js';
export {
  scienceworldEnvironment,
  type ScienceworldOptions,
} from './environment/scienceworld-environment.js';
export {
  episodeCounts,
  type LaunchSimulator,
  type ScienceworldEnvironment,
  type ScienceworldState,
} from './environment/environment-of.js';
export type { EpisodeCounts, Moment, ObservationPiece } from './environment/moment.js';
export { SCIENCEWORLD_PRESETS, type ScienceworldPreset } from './environment/presets.js';
export { officialScore, statusOf } from './environment/score.js';
export { isTaskReset } from './environment/reset-task.js';
export { SIMPLIFICATIONS } from './environment/list-tasks.js';
export type { ScienceworldTaskData } from './environment/task-data.js';
export {
  SCIENCEWORLD_TASKS,
  SCIENCEWORLD_TOPICS,
  selectTasks,
  type ScienceworldTask,
} from './agent/task-table.js';
export { splitVariations, type SimulatorSplit } from './bridge/splits.js';
export {
  HELD_OUT_TASKS,
  SCIENCEWORLD_LEVELS,
  SCIENCEWORLD_SPLITS,
  type ScienceworldSplit,
} from './agent/levels.js';
export {
  parseEpisode,
  type RecordedEpisode,
  type RecordedMoment,
  type RecordedStep,
} from './recorded/episode.js';
export {
  formatEpisodes,
  parseEpisodes,
  readEpisodes,
  writeEpisodes,
} from './recorded/episode-files.js';
export {
  NO_RECORDING,
  recordedSimulators,
  type UnrecordedPolicy,
} from './recorded/recorded-simulator.js';
export {
  recordedScienceworld,
  type RecordedScienceworldOptions,
} from './recorded/recorded-environment.js';
export {
  recordEpisode,
  recordGold,
  type RecorderView,
  type RecordOptions,
} from './recorded/record-episode.js';
export {
  verifyEpisode,
  type EpisodeDifference,
  type EpisodeReport,
} from './recorded/verify-episode.js';
export type { ValidDetail } from './recorded/take-moment.js';
export { scienceworldBrief, type ScienceworldBriefOptions } from './agent/brief.js';
export {
  scienceworldExpert,
  type ScienceworldExpert,
  type ScienceworldExpertOptions,
} from './agent/expert.js';
