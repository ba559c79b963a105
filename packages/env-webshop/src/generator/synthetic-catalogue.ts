import { hashText, parseInput } from '@spark-rl/core';
import { z } from 'zod';

import { noPlace, type Catalogue } from '../catalogue/catalogue.js';
import type { Product } from '../catalogue/product.js';
import type { NounExtractor } from '../reward/nouns.js';
import { productCodes } from './product-code.js';
import { BRANDS, PRODUCT_TYPES } from './product-types.js';
import { syntheticProduct, type ProductDetail } from './synthetic-product.js';

/** Which synthetic catalogue. */
export interface SyntheticCatalogueOptions {
  /** Default 0. */
  readonly seed?: number;
  /** How many products; default 1000. */
  readonly size?: number;
  /** `brief` (default) for small models, `full` for texts as long as those of the real data. */
  readonly detail?: ProductDetail;
}

const schema = z.strictObject({
  seed: z.int().default(0),
  size: z.int().min(1).max(5_000_000).default(1000),
  detail: z.enum(['brief', 'full']).default('brief'),
});

/** How many made products are kept. */
const KEPT_PRODUCTS = 4096;

/** Changes with the words or rules of the generator, so that saved indices of older ones are refused. */
const VERSION = 3;

/**
 * A made-up catalogue: thirty kinds of products in the five categories of the original data, with prices, options, attributes
 * and instructions in like shares, in words of its own. Products are made when they are looked at, so size costs no memory.
 *
 * @throws InvalidInputError when an option is wrong
 */
export function syntheticCatalogue(options: SyntheticCatalogueOptions = {}): Catalogue {
  const { seed, size, detail } = parseInput(schema, options, 'options of syntheticCatalogue');
  const { codeAt, placeOf } = productCodes(size, PRODUCT_TYPES.length);
  const kept = new Map<number, Product>();
  return {
    size,
    asin: codeAt,
    placeOf,
    product: (place) => {
      const known = kept.get(place);
      if (known !== undefined) return known;
      if (!Number.isInteger(place) || place < 0 || place >= size) throw noPlace(place, size);
      const product = syntheticProduct(seed, place, codeAt(place), detail);
      if (kept.size >= KEPT_PRODUCTS) kept.delete(kept.keys().next().value!);
      kept.set(place, product);
      return product;
    },
    fingerprint: hashText(JSON.stringify(['synthetic', VERSION, seed, size, detail])),
  };
}

const NOUNS: ReadonlySet<string> = new Set(
  [...BRANDS, ...PRODUCT_TYPES.flatMap(({ name }) => name.split(' '))].map((word) =>
    word.toLowerCase(),
  ),
);

/** The nouns of synthetic names, exactly: makers and kinds of products. */
export const syntheticNouns: NounExtractor = (name) =>
  name
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter((word) => NOUNS.has(word));
