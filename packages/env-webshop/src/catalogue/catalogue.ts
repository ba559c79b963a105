import { hashText, InvalidInputError } from '@spark-rl/core';

import type { Product } from './product.js';
import type { ProductFacts } from './product-facts.js';

/** Products in a fixed order, read-only and shared by all episodes. Wherever they lie, a product is had at once. */
export interface Catalogue {
  readonly size: number;
  /** The identifier of the product at a place, from 0. */
  readonly asin: (place: number) => string;
  /** The place of a product; undefined when there is none. */
  readonly placeOf: (asin: string) => number | undefined;
  /** The product at a place. */
  readonly product: (place: number) => Product;
  /** What goals need to know of it, where the catalogue keeps that apart from the product. */
  readonly facts?: (place: number) => ProductFacts;
  /** Tells this catalogue from others: a hash of its identifiers in order. */
  readonly fingerprint: string;
  readonly close?: () => void;
}

/** The longest identifier that the shop takes. */
const LONGEST_ASIN = 10;

/** Whether the shop skips a product: an identifier that is none, or one that it has already. */
export const isSkipped = (asin: string, known: { has: (asin: string) => boolean }): boolean =>
  asin === 'nan' || asin.length > LONGEST_ASIN || known.has(asin);

/** Tells catalogues apart by their identifiers in order. */
export const fingerprintOf = (asins: Iterable<string>): string => hashText([...asins].join(' '));

/**
 * A catalogue of products in memory. Products whose identifier is too long or stands before are left out, as in the original.
 *
 * @throws InvalidInputError when an asin is asked for at a place that there is not
 */
export function memoryCatalogue(products: Iterable<Product>): Catalogue {
  const places = new Map<string, number>();
  const kept: Product[] = [];
  for (const product of products) {
    if (isSkipped(product.asin, places)) continue;
    places.set(product.asin, kept.length);
    kept.push(product);
  }
  const product = (place: number): Product => {
    const found = kept[place];
    if (found === undefined) throw noPlace(place, kept.length);
    return found;
  };
  return {
    size: kept.length,
    asin: (place) => product(place).asin,
    placeOf: (asin) => places.get(asin),
    product,
    fingerprint: fingerprintOf(places.keys()),
  };
}

/** The error for a place beyond a catalogue's end. */
export const noPlace = (place: number, size: number): InvalidInputError =>
  new InvalidInputError(`the catalogue has no place ${place}`, {
    field: 'place',
    value: place,
    remedy: `Give an integer from 0 to ${size - 1}.`,
  });
