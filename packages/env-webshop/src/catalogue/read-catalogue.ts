import { createReadStream } from 'node:fs';

import { InvalidInputError, parseInput } from '@spark-rl/core';
import { z } from 'zod';

import { isSkipped, memoryCatalogue, type Catalogue } from './catalogue.js';
import { jsonItems, type JsonItem } from './json-items.js';
import type { HumanInstruction, Product } from './product.js';
import {
  makeProduct,
  parseHumanInstructions,
  parseInstruction,
  type RawInstruction,
} from './raw-product.js';

/** Which of WebShop's data files make a catalogue. */
export interface CatalogueFiles {
  /** `items_shuffle.json`, or a part of it such as `items_shuffle_1000.json`. */
  readonly items: string;
  /** `items_ins_v2.json`: attributes and synthetic instructions. */
  readonly instructions: string;
  /** `items_human_ins.json`: the instructions that people wrote. */
  readonly humanInstructions?: string;
  /** Only the first so many entries of `items`, as `num_products` of the original; all by default. */
  readonly count?: number;
}

const schema = z.strictObject({
  items: z.string(),
  instructions: z.string(),
  humanInstructions: z.string().optional(),
  count: z.int().min(1).optional(),
});

/** The elements of a JSON file, read as they are wanted. @throws InvalidInputError when it cannot be read or is damaged */
export async function* jsonFileItems(path: string): AsyncGenerator<JsonItem> {
  const stream = createReadStream(path, { highWaterMark: 1 << 20 });
  try {
    yield* jsonItems(stream as AsyncIterable<Uint8Array>, path);
  } catch (cause) {
    if (cause instanceof InvalidInputError) throw cause;
    throw new InvalidInputError(`${path} cannot be read`, {
      field: path,
      value: path,
      remedy: 'Give the path of a file that exists and may be read.',
      cause,
    });
  } finally {
    stream.destroy();
  }
}

async function readMembers<Value>(
  path: string,
  parse: (value: unknown, what: string) => Value,
): Promise<Map<string, Value>> {
  const members = new Map<string, Value>();
  for await (const { key, value, offset } of jsonFileItems(path)) {
    if (key === null) {
      throw new InvalidInputError(`${path} is an array, not an object from asin to instruction`, {
        field: path,
        remedy: 'Give items_ins_v2.json or items_human_ins.json, not the item file.',
      });
    }
    members.set(key, parse(value, `${path}, ${key} at byte ${offset}`));
  }
  return members;
}

/** The asin of an entry, before all of it is checked: entries that the shop skips need not be whole. */
const asinOf = (value: unknown): string => {
  const asin =
    typeof value === 'object' && value !== null ? (value as { asin?: unknown }).asin : undefined;
  return typeof asin === 'string' ? asin : '';
};

/**
 * Reads WebShop's own data files into a catalogue in memory, about 13 KB a product.
 *
 * @throws InvalidInputError when a file is missing or damaged (with the byte offset), a field is wrong, or a product has no
 * entry in the instruction file
 */
export async function readCatalogue(files: CatalogueFiles): Promise<Catalogue> {
  const { items, instructions, humanInstructions, count } = parseInput(
    schema,
    files,
    'files of readCatalogue',
  );
  const entries = await readMembers<RawInstruction>(instructions, parseInstruction);
  const human =
    humanInstructions === undefined
      ? new Map<string, HumanInstruction[]>()
      : await readMembers(humanInstructions, parseHumanInstructions);
  const products: Product[] = [];
  const known = new Set<string>();
  let read = 0;
  for await (const { key, value, offset } of jsonFileItems(items)) {
    if (key !== null) {
      throw new InvalidInputError(`${items} is an object, not an array of products`, {
        field: items,
        remedy: 'Give items_shuffle.json, not an instruction file.',
      });
    }
    if (count !== undefined && read++ >= count) break;
    const asin = asinOf(value);
    if (isSkipped(asin, known)) continue;
    known.add(asin);
    const instruction = entries.get(asin);
    if (instruction === undefined && !human.has(asin)) {
      throw new InvalidInputError(
        `${instructions} has no entry for product ${asin} (byte ${offset} of ${items})`,
        {
          field: asin,
          value: asin,
          remedy: 'Give the instruction file that belongs to the item file.',
        },
      );
    }
    const what = `${items}, product ${asin} at byte ${offset}`;
    products.push(makeProduct(value, { instruction, human: human.get(asin) }, what));
  }
  return memoryCatalogue(products);
}
