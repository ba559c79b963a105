import type { Game } from './game.js';

/** A moment of a game. Immutable; a fork is a second reference. */
export interface GameState {
  readonly game: Game;
}

/** What a command leads to. */
export interface GameTransition {
  readonly state: GameState;
  readonly observation: string;
  /** 1 when the goal holds, else 0. */
  readonly score: number;
  /** Whether the goal holds: the game is won. There is no way to lose. */
  readonly done: boolean;
}

/** The beginning: the observation is the intro. */
export declare const startGame: (game: Game) => GameTransition;
/** What `command` leads to; a command that is not admissible gives "Nothing happens." and the same state. */
export declare const stepGame: (state: GameState, command: string) => GameTransition;
/** All commands that do something here, sorted by code points. Computed once per state, when asked. */
export declare const admissibleCommands: (state: GameState) => readonly string[];
