import { memoryCatalogue, type Catalogue } from './catalogue.js';
import { members, parseFiles, shopItems, type CatalogueFiles } from './data-files.js';
import type { HumanInstruction, Product } from './product.js';
import {
  makeProduct,
  parseHumanInstructions,
  parseInstruction,
  type RawInstruction,
} from './raw-product.js';

/** The human instructions of a file, by asin; none without a file. */
export async function readHumanInstructions(
  path: string | undefined,
): Promise<Map<string, HumanInstruction[]>> {
  const human = new Map<string, HumanInstruction[]>();
  if (path === undefined) return human;
  for await (const { key, value, what } of members(path))
    human.set(key, parseHumanInstructions(value, what));
  return human;
}

/**
 * Reads WebShop's own data files into a catalogue in memory, about 13 KB a product. For the full data set see
 * {@link indexCatalogue}.
 *
 * @throws InvalidInputError when a file is missing or damaged (with the byte offset), a field is wrong, or a product has no
 * entry in the instruction file
 */
export async function readCatalogue(given: CatalogueFiles): Promise<Catalogue> {
  const files = parseFiles(given, 'files of readCatalogue') as CatalogueFiles;
  const entries = new Map<string, RawInstruction>();
  for await (const { key, value, what } of members(files.instructions))
    entries.set(key, parseInstruction(value, what));
  const human = await readHumanInstructions(files.humanInstructions);
  const products: Product[] = [];
  const hasEntry = (asin: string): boolean => entries.has(asin) || human.has(asin);
  for await (const { asin, value, what } of shopItems(files, hasEntry)) {
    const extras = { instruction: entries.get(asin), human: human.get(asin) };
    products.push(makeProduct(value, extras, what));
  }
  return memoryCatalogue(products);
}
