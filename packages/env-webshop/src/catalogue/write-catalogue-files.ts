import { Buffer } from 'node:buffer';
import { closeSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { fileWriter, storageError } from '../columns-file.js';
import type { Catalogue } from './catalogue.js';
import type { CatalogueFiles } from './data-files.js';
import type { HumanInstruction, OptionGroup, Product } from './product.js';

/** What `items_ins_v2.json` of the original has for a product of which it knows nothing. */
const UNKNOWN = 'DUMMY_ATTR';

const rawOptions = (groups: readonly OptionGroup[]): unknown =>
  groups.length === 0
    ? ''
    : Object.fromEntries(
        groups.map(({ name, values }) => [
          name,
          values.map((value) => ({
            value: value.replaceAll(' | ', '/'),
            is_selected: false,
            url: '',
            price_string: '',
            price: 0,
            image: null,
          })),
        ]),
      );

/** A product as an element of `items_shuffle.json`. */
const rawItem = (product: Product): unknown => ({
  asin: product.asin,
  name: product.title,
  full_description: product.description,
  pricing: product.prices.map((price) => `$${price}`).join(' - '),
  images: product.image === null ? [] : [product.image],
  product_category: product.productCategory,
  small_description: product.bulletPoints,
  customization_options: rawOptions(product.options),
  average_rating: '',
  category: product.category,
  query: product.query,
  page: 1,
});

/** A product as a member of `items_ins_v2.json`. */
const rawInstruction = ({ attributes, instruction, instructionAttributes }: Product): unknown => ({
  ...(attributes.length === 1 && attributes[0] === UNKNOWN ? {} : { attributes }),
  ...(instruction === null ? {} : { instruction, instruction_attributes: instructionAttributes }),
});

/** A person's instruction as `items_human_ins.json` has it. */
const rawHuman = (asin: string, human: readonly HumanInstruction[]): unknown =>
  human.map(({ instruction, attributes, options }) => ({
    asin,
    instruction,
    attributes,
    options: options.map((value) => `option: ${value}`),
    instruction_attributes: attributes,
    instruction_options: options,
    assignment_id: '',
    worker_id: '',
  }));

/**
 * Writes a catalogue in WebShop's own formats: `items_shuffle.json`, `items_ins_v2.json` and `items_human_ins.json`. Reading
 * them gives the same catalogue. Products are written as they are made, in memory of a fixed size. A file is whole or not there.
 *
 * Prices are written as JavaScript writes numbers; ones so large or small that this takes an exponent cannot be read back.
 *
 * @returns where the files are
 * @throws InvalidInputError when a file cannot be written, such as on a full disk
 */
export function writeCatalogueFiles(
  catalogue: Catalogue,
  folder: string,
): Required<Omit<CatalogueFiles, 'count'>> {
  const paths = {
    items: join(folder, 'items_shuffle.json'),
    instructions: join(folder, 'items_ins_v2.json'),
    humanInstructions: join(folder, 'items_human_ins.json'),
  };
  const open: number[] = [];
  const parts: string[] = [];
  /** A JSON file whose elements are added one by one. */
  const draft = (path: string, [first, last]: string) => {
    const part = `${path}.part`;
    parts.push(part);
    const file = openSync(part, 'w');
    open.push(file);
    const writer = fileWriter(file);
    const put = (text: string): void => writer.write(Buffer.from(text));
    put(first!);
    let isFirst = true;
    return {
      add: (key: string | null, value: unknown): void => {
        const name = key === null ? '' : `${JSON.stringify(key)}: `;
        put(`${isFirst ? '' : ','}\n${name}${JSON.stringify(value)}`);
        isFirst = false;
      },
      end: (): void => {
        put(`\n${last!}\n`);
        writer.flush();
      },
    };
  };
  try {
    mkdirSync(folder, { recursive: true });
    const items = draft(paths.items, '[]');
    const instructions = draft(paths.instructions, '{}');
    const human = draft(paths.humanInstructions, '{}');
    for (let place = 0; place < catalogue.size; place++) {
      const product = catalogue.product(place);
      const { asin, humanInstructions } = product;
      items.add(null, rawItem(product));
      instructions.add(asin, rawInstruction(product));
      if (humanInstructions.length > 0) human.add(asin, rawHuman(asin, humanInstructions));
    }
    for (const file of [items, instructions, human]) file.end();
    for (const file of open.splice(0)) closeSync(file);
    for (const path of Object.values(paths)) renameSync(`${path}.part`, path);
    return paths;
  } catch (cause) {
    for (const file of open) closeSync(file);
    for (const part of parts) rmSync(part, { force: true });
    throw storageError(folder, cause);
  }
}
