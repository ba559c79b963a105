import { statSync } from 'node:fs';

import { InvalidInputError } from '@spark-rl/core';

import { readFully } from '../columns-file.js';
import type { CatalogueFiles } from './data-files.js';

/** The kind of an index of a catalogue; its number changes with its form. */
export const CATALOGUE_KIND = 'SPARKWC2';

/** Numbers a product: item offset and length, entry offset and length, two prices, combinations of options. */
export const ROW = 7;

/** Of the item and the instruction file, in bytes: what tells that they were replaced. */
export const sizesOf = ({ items, instructions }: CatalogueFiles): [number, number] => {
  const sizeOf = (path: string): number => {
    try {
      return statSync(path).size;
    } catch (cause) {
      throw new InvalidInputError(`${path} cannot be read`, {
        field: path,
        value: path,
        remedy: 'Give the path of a file that exists and may be read.',
        cause,
      });
    }
  };
  return [sizeOf(items), sizeOf(instructions)];
};

/** The error for a data file that is not what was indexed. */
export const changedFile = (path: string, cause?: unknown): InvalidInputError =>
  new InvalidInputError(`${path} has changed since it was indexed`, {
    field: path,
    value: path,
    remedy: 'Index the data files anew.',
    cause,
  });

/** Parses the JSON at a place of an open data file. @throws InvalidInputError when there is none */
export function readJsonAt(file: number, offset: number, length: number, path: string): unknown {
  const bytes = new Uint8Array(length);
  try {
    if (readFully(file, bytes, offset)) return JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw changedFile(path, cause);
  }
  throw changedFile(path);
}
