export { formatGameFile, parseGameFile, type GameFile } from './game-file.js';
export { readGameFile } from './read-game-file.js';
export { compileGame, type Game } from './game.js';
export type { GameState } from './game-state.js';
export {
  admissibleCommands,
  startGame,
  stepGame,
  stepWithAliases,
  type GameTransition,
} from './play.js';
export {
  parseTranscript,
  verifyTranscript,
  type Transcript,
  type TranscriptDifference,
  type TranscriptReport,
} from './transcript.js';
export { alfworldEnvironment, type AlfworldOptions, type AlfworldState } from './environment.js';
export { gameList, type GameSource } from './game-list.js';
export { alfworldBrief } from './brief.js';
export { otherWording, wordingOf, type Wording } from './wording.js';
export { shortestPlan } from './planner/shortest-plan.js';
export { searchPlan, type SearchOutcome } from './planner/search-plan.js';
export { checkSolvable, type Solvability } from './planner/check-solvable.js';
export { householdExpert, type HouseholdExpertOptions } from './expert/household-expert.js';
export { expertAdvice, type PlayedSoFar } from './expert/expert-advice.js';
export type { RoomType } from './generator/data/rooms.js';
export {
  generateGame,
  type GeneratedGame,
  type GenerateGameOptions,
} from './generator/generate-game.js';
export { HOUSEHOLD_KINDS, type HouseholdKind } from './generator/data/task-sentences.js';
export { householdEnvironment, type HouseholdOptions } from './generator/household-environment.js';
export {
  householdTasks,
  type HouseholdTasks,
  type HouseholdTasksOptions,
} from './generator/household-tasks.js';
export { HOUSEHOLD_SIZES, type HouseholdSize } from './generator/layout.js';
export { HOUSEHOLD_SPLITS, type HouseholdSplit } from './generator/splits.js';
export { HELD_OUT_KINDS, LEVELS, type Levels } from './levels.js';
export {
  openGameFolder,
  type GameFolder,
  type GameFolderOptions,
  type SkippedGame,
} from './folder/game-folder.js';
export type { FolderEntry } from './folder/folder-entry.js';
export { withTask } from './folder/human-task.js';
export { releaseFiles, type ReleaseFile } from './generator/release-files.js';
