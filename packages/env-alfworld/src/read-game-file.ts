import { InvalidInputError } from '@spark-rl/core';

import { parseGameFile, type GameFile } from './game-file.js';

/**
 * Reads a `game.tw-pddl` file from disk. Needs Node; everything else in this package runs anywhere.
 *
 * @throws InvalidInputError when the file cannot be read, or is damaged
 */
export async function readGameFile(path: string): Promise<GameFile> {
  // Imported here, so that the package still loads where there is no file system.
  const { readFile } = await import('node:fs/promises');
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new InvalidInputError(`${path}: cannot be read (${(cause as Error).message})`, {
      field: path,
      value: path,
      remedy: 'Give the path of a game.tw-pddl file.',
      cause,
    });
  }
  return parseGameFile(text, path);
}
