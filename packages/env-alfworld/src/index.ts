export { formatGameFile, parseGameFile, type GameFile } from './game-file.js';
export { compileGame, type Game } from './game.js';
export {
  admissibleCommands,
  startGame,
  stepGame,
  type GameState,
  type GameTransition,
} from './play.js';
