import { closeSync, openSync } from 'node:fs';

import { parseInput } from '@spark-rl/core';
import { z } from 'zod';

import { openColumns } from '../columns-file.js';
import { rankOf, textList } from '../text-list.js';
import { noPlace, type Catalogue } from './catalogue.js';
import { CATALOGUE_KIND, changedFile, readJsonAt, ROW, sizesOf } from './catalogue-file.js';
import { parseFiles, type CatalogueFiles } from './data-files.js';
import type { ProductFacts } from './product-facts.js';
import type { Product } from './product.js';
import { makeProduct, parseInstruction } from './raw-product.js';
import { readHumanInstructions } from './read-catalogue.js';

const headerSchema = z.object({
  fingerprint: z.string(),
  sizes: z.tuple([z.number(), z.number()]),
  table: z.literal(ROW),
});

/** How many products that were read are kept. */
const KEPT_PRODUCTS = 8192;

/** Reads all of an index of a catalogue. */
function readIndex(path: string, files: CatalogueFiles) {
  const index = openColumns(path, CATALOGUE_KIND);
  try {
    const { fingerprint, sizes } = parseInput(headerSchema, index.header, `header of ${path}`);
    const now = sizesOf(files);
    if (now[0] !== sizes[0]) throw changedFile(files.items);
    if (now[1] !== sizes[1]) throw changedFile(files.instructions);
    const numbers = (column: number): Uint32Array => new Uint32Array(index.column(column).buffer);
    return {
      fingerprint,
      asins: textList({ bytes: index.column(0), starts: numbers(1) }),
      /** Places by their asins, ascending. */
      sorted: numbers(2),
      table: new Float64Array(index.column(3).buffer),
      vocabulary: textList({ bytes: index.column(4), starts: numbers(5) }),
      askedStarts: numbers(6),
      asked: numbers(7),
    };
  } finally {
    index.close();
  }
}

/**
 * Opens a catalogue whose products stay in the data files: what {@link indexCatalogue} saved is in memory, products are read
 * when they are looked at, and the last 8,192 are kept. Close it when it is no longer needed.
 *
 * @param given - the files that were indexed
 * @param path - the index
 * @throws InvalidInputError when the index cannot be read, is cut off, or belongs to other files
 */
export async function openCatalogue(given: CatalogueFiles, path: string): Promise<Catalogue> {
  const files = parseFiles(given, 'files of openCatalogue') as CatalogueFiles;
  const { fingerprint, asins, sorted, table, askedStarts, asked, ...index } = readIndex(
    path,
    files,
  );
  const size = asins.length;
  const vocabulary = Array.from({ length: index.vocabulary.length }, (_, i) =>
    index.vocabulary.at(i),
  );
  const human = await readHumanInstructions(files.humanInstructions);
  const itemFile = openSync(files.items, 'r');
  const entryFile = openSync(files.instructions, 'r');
  const kept = new Map<number, Product>();

  const check = (place: number): void => {
    if (!Number.isInteger(place) || place < 0 || place >= size) throw noPlace(place, size);
  };
  const read = (place: number): Product => {
    check(place);
    const [offset, length, entryOffset, entryLength] = table.subarray(place * ROW);
    const asin = asins.at(place);
    const what = `${files.items}, product ${asin} at byte ${offset!}`;
    const instruction =
      entryOffset! < 0
        ? undefined
        : parseInstruction(
            readJsonAt(entryFile, entryOffset!, entryLength!, files.instructions),
            what,
          );
    const item = readJsonAt(itemFile, offset!, length!, files.items);
    const product = makeProduct(item, { instruction, human: human.get(asin) }, what);
    // Another file of the same size.
    if (product.asin !== asin) throw changedFile(files.items);
    return product;
  };
  const facts = (place: number): ProductFacts => {
    check(place);
    const row = place * ROW;
    const [low, high] = [table[row + 4]!, table[row + 5]!];
    const words: string[] = [];
    for (let i = askedStarts[place]!; i < askedStarts[place + 1]!; i++)
      words.push(vocabulary[asked[i]!]!);
    return {
      prices: Number.isNaN(high) ? [low] : [low, high],
      combinations: table[row + 6]!,
      asked: words,
      human:
        human.size === 0
          ? []
          : (human.get(asins.at(place)) ?? []).map(({ attributes }) => attributes.length > 0),
    };
  };
  return {
    size,
    asin: asins.at,
    placeOf: (asin) => {
      const rank = rankOf(asin, size, (each) => asins.at(sorted[each]!));
      return rank < 0 ? undefined : sorted[rank];
    },
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
