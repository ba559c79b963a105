import { createReadStream } from 'node:fs';

import { InvalidInputError, parseInput } from '@spark-rl/core';
import { z } from 'zod';

import { isSkipped } from './catalogue.js';
import { jsonItems, type JsonItem } from './json-items.js';

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

/** Checks which files were given. @throws InvalidInputError when one is missing */
export const parseFiles = (files: CatalogueFiles, what: string): z.output<typeof schema> =>
  parseInput(schema, files, what);

/** The elements of a JSON file, read as they are wanted. @throws InvalidInputError when it cannot be read or is damaged */
async function* jsonFileItems(path: string): AsyncGenerator<JsonItem> {
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

/**
 * The members of an instruction file, by asin.
 *
 * @throws InvalidInputError when the file cannot be read, is damaged, or is an array
 */
export async function* members(
  path: string,
): AsyncGenerator<JsonItem & { readonly key: string; readonly what: string }> {
  for await (const item of jsonFileItems(path)) {
    const { key } = item;
    if (key === null) {
      throw new InvalidInputError(`${path} is an array, not an object from asin to instruction`, {
        field: path,
        remedy: 'Give items_ins_v2.json or items_human_ins.json, not the item file.',
      });
    }
    yield { ...item, key, what: `${path}, ${key} at byte ${item.offset}` };
  }
}

/** The asin of an entry, before all of it is checked: entries that the shop skips need not be whole. */
const asinOf = (value: unknown): string => {
  const asin =
    typeof value === 'object' && value !== null ? (value as { asin?: unknown }).asin : undefined;
  return typeof asin === 'string' ? asin : '';
};

/**
 * The products of an item file that the shop takes, in order.
 *
 * @param hasEntry - whether an instruction file speaks of a product; the original stops where none does
 * @throws InvalidInputError when the file cannot be read, is damaged or an object, or an entry is missing
 */
export async function* shopItems(
  { items, instructions, count }: CatalogueFiles,
  hasEntry: (asin: string) => boolean,
): AsyncGenerator<JsonItem & { readonly asin: string; readonly what: string }> {
  const known = new Set<string>();
  let read = 0;
  for await (const item of jsonFileItems(items)) {
    if (item.key !== null) {
      throw new InvalidInputError(`${items} is an object, not an array of products`, {
        field: items,
        remedy: 'Give items_shuffle.json, not an instruction file.',
      });
    }
    if (count !== undefined && read++ >= count) break;
    const asin = asinOf(item.value);
    if (isSkipped(asin, known)) continue;
    known.add(asin);
    if (!hasEntry(asin)) {
      throw new InvalidInputError(
        `${instructions} has no entry for product ${asin} (byte ${item.offset} of ${items})`,
        {
          field: asin,
          value: asin,
          remedy: 'Give the instruction file that belongs to the item file.',
        },
      );
    }
    yield { ...item, asin, what: `${items}, product ${asin} at byte ${item.offset}` };
  }
}
