import type { GameFile } from './game-file.js';

/** A game made ready to be played: parsed, indexed, its texts prepared. Immutable; any number of episodes share it. */
export interface Game {
  readonly file: GameFile;
  /** What the agent is asked to achieve: the text after "Your task is to: ". */
  readonly instruction: string;
}

/** Prepares a game. Domain and grammar are parsed once per distinct text. Throws InvalidInputError on a damaged file. */
export declare const compileGame: (file: GameFile) => Game;
