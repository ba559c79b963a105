import { InvalidInputError, parseInput } from '@spark-rl/core';
import { z } from 'zod';

import { words } from '../python/python-text.js';

/**
 * The nouns of a product's name, lower-cased, in order, repeats kept. The original takes spaCy's tokens tagged NOUN or PROPN
 * (`en_core_web_sm`); what is not spaCy is an approximation of the reward's type factor.
 */
export type NounExtractor = (name: string) => readonly string[];

/** Every word of the lower-cased name: what recordings of the original environment with a stub for spaCy use. */
export const wordNouns: NounExtractor = (name) => words(name.toLowerCase());

const tableSchema = z.record(z.string(), z.array(z.string()));

/**
 * Nouns that were extracted beforehand, once, with the real spaCy: an object from names to nouns.
 *
 * @param table - name to nouns, usually read from a JSON file
 * @param otherwise - what to do with names that the table lacks; without it they are an error
 * @throws InvalidInputError when the table has another form; later, for a name that is not in it
 */
export function tableNouns(table: unknown, otherwise?: NounExtractor): NounExtractor {
  const nouns = new Map(
    Object.entries(
      parseInput(tableSchema, table, 'table of nouns', 'Give an object from names to nouns.'),
    ),
  );
  return (name) => {
    const found = nouns.get(name) ?? otherwise?.(name);
    if (found === undefined) {
      throw new InvalidInputError(`the table of nouns lacks ${JSON.stringify(name)}`, {
        field: 'nouns',
        value: name,
        remedy: 'Extract the nouns of every product name, or give a second extractor.',
      });
    }
    return found;
  };
}
