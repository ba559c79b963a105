export { formatGameFile, parseGameFile, type GameFile } from './game-file.js';
export { compileGame, type Game } from './game.js';
export type { GameState } from './game-state.js';
export { admissibleCommands, startGame, stepGame, type GameTransition } from './play.js';
export {
  parseTranscript,
  verifyTranscript,
  type Transcript,
  type TranscriptDifference,
  type TranscriptReport,
} from './transcript.js';
