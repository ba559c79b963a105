import { closeSync, openSync, statSync } from 'node:fs';

import { InvalidInputError, parseInput } from '@spark-rl/core';
import { z } from 'zod';

import {
  bytesOf,
  decodeLines,
  encodeLines,
  readColumns,
  readFully,
  writeColumns,
} from '../columns-file.js';
import { fingerprintOf, noPlace, type Catalogue } from './catalogue.js';
import { members, parseFiles, shopItems, type CatalogueFiles } from './data-files.js';
import { factsOfProduct, type ProductFacts } from './product-facts.js';
import type { Product } from './product.js';
import { makeProduct, parseInstruction } from './raw-product.js';
import { readHumanInstructions } from './read-catalogue.js';

/** The kind of file; its number changes with its form. */
const KIND = 'SPARKWC1';

const headerSchema = z.object({
  fingerprint: z.string(),
  /** Of the item and the instruction file, in bytes: what tells that they were replaced. */
  sizes: z.tuple([z.number(), z.number()]),
});

const sizesOf = ({ items, instructions }: CatalogueFiles): [number, number] => [
  statSync(items).size,
  statSync(instructions).size,
];

/**
 * Reads the data files once, element by element, and saves where each product stands, with what goals need to know of it: about
 * 70 bytes a product. {@link openCatalogue} then opens the catalogue without reading the data files.
 *
 * @throws InvalidInputError as readCatalogue
 */
export async function indexCatalogue(given: CatalogueFiles, path: string): Promise<void> {
  const files = parseFiles(given, 'files of indexCatalogue') as CatalogueFiles;
  const entries = new Map<string, readonly [offset: number, length: number]>();
  for await (const { key, offset, length } of members(files.instructions))
    entries.set(key, [offset, length]);
  const human = await readHumanInstructions(files.humanInstructions);
  const file = openSync(files.instructions, 'r');
  try {
    const asins: string[] = [];
    /** For each product: item offset and length, entry offset and length, two prices, combinations. */
    const rows: Float64Array[] = [];
    const vocabulary = new Map<string, number>();
    const asked: number[] = [];
    const askedStarts: number[] = [0];
    const hasEntry = (asin: string): boolean => entries.has(asin) || human.has(asin);
    for await (const { asin, value, offset, length, what } of shopItems(files, hasEntry)) {
      const entry = entries.get(asin);
      const instruction =
        entry === undefined
          ? undefined
          : parseInstruction(readJsonAt(file, ...entry, files.instructions), what);
      const facts = factsOfProduct(makeProduct(value, { instruction }, what));
      const [low, high = Number.NaN] = facts.prices;
      asins.push(asin);
      rows.push(
        Float64Array.of(offset, length, ...(entry ?? [-1, 0]), low, high, facts.combinations),
      );
      for (const attribute of facts.asked) {
        if (!vocabulary.has(attribute)) vocabulary.set(attribute, vocabulary.size);
        asked.push(vocabulary.get(attribute)!);
      }
      askedStarts.push(asked.length);
    }
    const table = new Float64Array(rows.length * ROW);
    for (const [place, row] of rows.entries()) table.set(row, place * ROW);
    writeColumns(path, KIND, {
      header: { fingerprint: fingerprintOf(asins), sizes: sizesOf(files) },
      columns: [
        encodeLines(asins),
        bytesOf(table),
        encodeLines([...vocabulary.keys()].map((attribute) => JSON.stringify(attribute))),
        bytesOf(Uint32Array.from(askedStarts)),
        bytesOf(Uint32Array.from(asked)),
      ],
    });
  } finally {
    closeSync(file);
  }
}

/** Numbers a product. */
const ROW = 7;

/** How many products that were read are kept. */
const KEPT_PRODUCTS = 8192;

function readJsonAt(file: number, offset: number, length: number, path: string): unknown {
  const bytes = new Uint8Array(length);
  try {
    if (readFully(file, bytes, offset)) return JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw changed(path, cause);
  }
  throw changed(path);
}

const changed = (path: string, cause?: unknown): InvalidInputError =>
  new InvalidInputError(`${path} has changed since it was indexed`, {
    field: path,
    value: path,
    remedy: 'Index the data files anew.',
    cause,
  });

/**
 * Opens a catalogue whose products stay in the data files: what {@link indexCatalogue} saved is in memory, products are read
 * when they are looked at, and the last 8,192 are kept. Close it when it is no longer needed.
 *
 * @param given - the files that were indexed
 * @param path - the index
 * @throws InvalidInputError when the index cannot be read or belongs to other files
 */
export async function openCatalogue(given: CatalogueFiles, path: string): Promise<Catalogue> {
  const files = parseFiles(given, 'files of openCatalogue') as CatalogueFiles;
  const index = readColumns(path, KIND);
  const { fingerprint, sizes } = parseInput(headerSchema, index.header, `header of ${path}`);
  const now = sizesOf(files);
  if (now[0] !== sizes[0]) throw changed(files.items);
  if (now[1] !== sizes[1]) throw changed(files.instructions);
  const [names, numbers, words, starts, numbersAsked] = index.columns as Uint8Array[];
  const asins = decodeLines(names!);
  const places = new Map(asins.map((asin, place) => [asin, place]));
  const table = new Float64Array(numbers!.buffer);
  const vocabulary = decodeLines(words!).map((word) => JSON.parse(word) as string);
  const askedStarts = new Uint32Array(starts!.buffer);
  const asked = new Uint32Array(numbersAsked!.buffer);
  const human = await readHumanInstructions(files.humanInstructions);
  const itemFile = openSync(files.items, 'r');
  const entryFile = openSync(files.instructions, 'r');
  const kept = new Map<number, Product>();

  const rowAt = (place: number): Float64Array => {
    if (!Number.isInteger(place) || place < 0 || place >= asins.length)
      throw noPlace(place, asins.length);
    return table.subarray(place * ROW, (place + 1) * ROW);
  };
  const read = (place: number): Product => {
    const [offset, length, entryOffset, entryLength] = rowAt(place);
    const asin = asins[place]!;
    const what = `${files.items}, product ${asin} at byte ${offset!}`;
    const instruction =
      entryOffset! < 0
        ? undefined
        : parseInstruction(
            readJsonAt(entryFile, entryOffset!, entryLength!, files.instructions),
            what,
          );
    const item = readJsonAt(itemFile, offset!, length!, files.items);
    return makeProduct(item, { instruction, human: human.get(asin) }, what);
  };
  const facts = (place: number): ProductFacts => {
    const [, , , , low, high, combinations] = rowAt(place);
    return {
      prices: Number.isNaN(high) ? [low!] : [low!, high!],
      combinations: combinations!,
      asked: Array.from(
        asked.subarray(askedStarts[place], askedStarts[place + 1]),
        (word) => vocabulary[word]!,
      ),
      human: (human.get(asins[place]!) ?? []).map(({ attributes }) => attributes.length > 0),
    };
  };
  return {
    size: asins.length,
    asin: (place) => asins[place]!,
    placeOf: (asin) => places.get(asin),
    product: (place) => {
      const known = kept.get(place);
      if (known !== undefined) return known;
      const product = read(place);
      if (kept.size >= KEPT_PRODUCTS) kept.delete(kept.keys().next().value!);
      kept.set(place, product);
      return product;
    },
    facts,
    fingerprint,
    close: () => {
      closeSync(itemFile);
      closeSync(entryFile);
    },
  };
}
