import { InvalidInputError } from '@spark-rl/core';

import type { GameFile } from './game-file.js';
import { memoize } from './memoize.js';
import { parseDomain } from './pddl/domain.js';
import { parseProblem } from './pddl/problem.js';
import { derive } from './text/derive.js';
import { parseGrammar } from './text/grammar-file.js';
import { parseTemplate } from './text/template.js';
import { compileWorld, type World } from './world/world.js';

/** A game made ready to be played: parsed, indexed, its texts prepared. Immutable; any number of episodes share it. */
export interface Game {
  readonly file: GameFile;
  /** What the player reads first. */
  readonly intro: string;
  /** What the player is asked to achieve: the text after "Your task is to: ". */
  readonly instruction: string;
  /** The compiled rules, names and initial facts. */
  readonly world: World;
}

// Games that were made together share their domain, and often their grammar, to the letter.
const domainOf = memoize(parseDomain, 8);
const grammarOf = memoize(parseGrammar, 64);
const introTemplate = parseTemplate('#intro#');

/**
 * Prepares a game. Texts that were met before (the domain, the grammar) are not parsed again.
 *
 * @throws InvalidInputError naming the game, when one of its texts is damaged or its goal can never be reached
 */
export function compileGame(file: GameFile): Game {
  try {
    const grammar = grammarOf(file.grammar);
    const world = compileWorld(domainOf(file.domain), parseProblem(file.problem), grammar);
    const intro = derive(introTemplate, null, world.text, world.initialFacts);
    return { file, intro, instruction: instructionOf(intro), world };
  } catch (cause) {
    if (cause instanceof InvalidInputError) throw named(cause, file.name);
    throw cause;
  }
}

/** The same error, with the name of the game before it. */
function named(error: InvalidInputError, name: string): InvalidInputError {
  const { field, value, remedy } = error;
  const problem =
    remedy === undefined ? error.message : error.message.slice(0, -remedy.length - '. '.length);
  return new InvalidInputError(`${name}: ${problem}`, {
    ...(field === undefined ? {} : { field }),
    ...(remedy === undefined ? {} : { remedy }),
    value,
    cause: error,
  });
}

/** The task that an intro states: what follows "Your task is to", or the last paragraph where that is missing. */
function instructionOf(intro: string): string {
  const stated = /Your task is to:?\s+([\s\S]*)$/.exec(intro)?.[1];
  return (stated ?? intro.slice(intro.lastIndexOf('\n\n') + 1)).trim();
}
