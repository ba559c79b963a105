import { closeSync, openSync } from 'node:fs';

import { bytesOf, writeColumns } from '../columns-file.js';
import { growing } from '../growing.js';
import { encodeTexts } from '../text-list.js';
import { fingerprintOf } from './catalogue.js';
import { CATALOGUE_KIND, readJsonAt, ROW, sizesOf } from './catalogue-file.js';
import { members, parseFiles, shopItems, type CatalogueFiles } from './data-files.js';
import { factsOfProduct } from './product-facts.js';
import { makeProduct, parseInstruction } from './raw-product.js';
import { readHumanInstructions } from './read-catalogue.js';

/**
 * Reads the data files once, element by element, and saves where each product stands, with what goals need to know of it: about
 * 85 bytes a product. {@link openCatalogue} then opens the catalogue without reading the data files. The file is complete or
 * not there.
 *
 * @param onProduct - is told how many products were read, after each
 * @throws InvalidInputError as readCatalogue, and when the file cannot be written, such as on a full disk
 */
export async function indexCatalogue(
  given: CatalogueFiles,
  path: string,
  onProduct: (count: number) => void = () => undefined,
): Promise<void> {
  const files = parseFiles(given, 'files of indexCatalogue') as CatalogueFiles;
  const sizes = sizesOf(files);
  const entries = new Map<string, readonly [offset: number, length: number]>();
  for await (const { key, offset, length } of members(files.instructions))
    entries.set(key, [offset, length]);
  const human = await readHumanInstructions(files.humanInstructions);
  const file = openSync(files.instructions, 'r');
  const asins: string[] = [];
  const table = growing((length) => new Float64Array(length));
  const vocabulary = new Map<string, number>();
  const asked = growing((length) => new Uint32Array(length));
  const askedStarts = growing((length) => new Uint32Array(length));
  askedStarts.push(0);
  try {
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
      for (const number of [offset, length, ...(entry ?? [-1, 0]), low, high, facts.combinations])
        table.push(number);
      for (const attribute of facts.asked) {
        if (!vocabulary.has(attribute)) vocabulary.set(attribute, vocabulary.size);
        asked.push(vocabulary.get(attribute)!);
      }
      askedStarts.push(asked.length());
      onProduct(asins.length);
    }
  } finally {
    closeSync(file);
  }
  const names = encodeTexts(asins);
  const words = encodeTexts([...vocabulary.keys()]);
  const sorted = Uint32Array.from(asins.keys()).sort((a, b) =>
    asins[a]! < asins[b]! ? -1 : asins[a]! > asins[b]! ? 1 : 0,
  );
  writeColumns(path, CATALOGUE_KIND, ({ begin, write }) => {
    const columns = [
      names.bytes,
      names.starts,
      sorted,
      table.values(),
      words.bytes,
      words.starts,
      askedStarts.values(),
      asked.values(),
    ];
    for (const column of columns) {
      begin();
      write(bytesOf(column));
    }
    return { fingerprint: fingerprintOf(asins), sizes, table: ROW };
  });
}
