import { InvalidInputError } from '@spark-rl/core';

/** One name in the forms that code needs. */
export interface Names {
  /** `my-world`, as in package names and ids. */
  readonly kebab: string;
  /** `myWorld`, as functions are called. */
  readonly camel: string;
  /** `MyWorld`, as types are called. */
  readonly pascal: string;
}

const LONGEST = 50;

const upperFirst = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

/**
 * Checks the name of something new and gives its forms.
 *
 * @param kind - what is named, for the message
 * @throws InvalidInputError unless it is lower-case words joined by hyphens, the first beginning with a letter: what npm, file names and
 *   identifiers allow alike
 */
export function namesOf(kind: string, name: string): Names {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) || name.length > LONGEST) {
    throw new InvalidInputError(`the name of ${kind} cannot be ${JSON.stringify(name)}`, {
      field: 'name',
      value: name,
      remedy: `Give at most ${LONGEST} lower-case letters and digits, words joined by hyphens, such as my-world.`,
    });
  }
  const pascal = name.split('-').map(upperFirst).join('');
  return { kebab: name, camel: pascal.charAt(0).toLowerCase() + pascal.slice(1), pascal };
}
