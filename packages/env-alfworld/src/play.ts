import { GameState } from './game-state.js';
import type { Game } from './game.js';
import { derive } from './text/derive.js';
import { otherWording } from './wording.js';
import { scopeOf } from './world/offer.js';

/** What a command leads to. */
export interface GameTransition {
  readonly state: GameState;
  readonly observation: string;
  /** 1 when the goal holds, else 0. */
  readonly score: number;
  /** Whether the goal holds: the game is won. There is no way to lose. */
  readonly done: boolean;
}

/** The beginning of a game; the observation is its intro. */
export const startGame = (game: Game): GameTransition =>
  transition(GameState.initial(game), game.intro);

/**
 * What a command leads to. White space around it does not count; otherwise it must be admissible to the letter. Anything else
 * gives "Nothing happens." and the same state.
 */
export function stepGame(state: GameState, command: string): GameTransition {
  const choice = state.find(strip(command));
  if (choice === null) return transition(state, 'Nothing happens.');
  const next = state.after(choice);
  const { text } = state.game.world;
  return transition(
    next,
    derive(choice.of.texts.feedback, scopeOf(choice.ground), text, next.facts),
  );
}

/** The same, but a put command in the words of another data release is taken for the game's own. */
export function stepWithAliases(state: GameState, command: string): GameTransition {
  const other = state.find(strip(command)) === null ? otherWording(command) : null;
  const isKnown = other !== null && state.find(other) !== null;
  return stepGame(state, isKnown ? other : command);
}

/** All commands that do something in a state, sorted by code points. Computed once a state, when first asked for. */
export const admissibleCommands = (state: GameState): readonly string[] => state.commands();

const transition = (state: GameState, observation: string): GameTransition => ({
  state,
  observation,
  score: state.isWon ? 1 : 0,
  done: state.isWon,
});

// What Python's str.strip takes for white space: other than trim, it knows four separators and "next line", not the byte order mark.
const whiteSpace =
  '\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000';

function strip(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && whiteSpace.includes(text[start]!)) start++;
  while (end > start && whiteSpace.includes(text[end - 1]!)) end--;
  return text.slice(start, end);
}
