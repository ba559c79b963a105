import type { GameFile } from './game-file.js';

/**
 * How the commands of a data release are worded: `2.1.1` says `put x in/on y` and has no `help`; `2.1.2` and all later ones
 * say `move x to y`. The words themselves come from the game file.
 */
export type Wording = '2.1.1' | '2.1.2';

/** How a game words its commands, read from its grammar. */
export const wordingOf = (file: GameFile): Wording =>
  /template\s*::\s*"put \{\w+\} in\/on /.test(file.grammar) ? '2.1.1' : '2.1.2';

/**
 * The same command in the words of the other data releases: `put x in/on y` (also `in`, `on`) for `move x to y` and back. Null
 * for commands that all releases word alike.
 */
export function otherWording(command: string): string | null {
  const put = /^\s*put (.+) (?:in\/on|in|on) (.+?)\s*$/.exec(command);
  if (put !== null) return `move ${put[1]!} to ${put[2]!}`;
  const move = /^\s*move (.+) to (.+?)\s*$/.exec(command);
  return move === null ? null : `put ${move[1]!} in/on ${move[2]!}`;
}
