import type { Catalogue } from '../catalogue/catalogue.js';
import type { Product } from '../catalogue/product.js';
import { encodeTexts, textList, type TextList } from '../text-list.js';
import { analyze } from './analyze.js';
import { inverter, type SortedPostings } from './inverter.js';
import { lengthToByte } from './small-float.js';

/** An inverted index over a catalogue: for each term the products that have it, by place, and how often. */
export interface SearchIndex {
  /** The catalogue that it was made of. */
  readonly fingerprint: string;
  /** How many products. */
  readonly size: number;
  /** All terms, ascending by UTF-16 units. */
  readonly terms: TextList;
  /** The encoded postings of a term, by its place among the terms; valid until the next call. */
  readonly postings: (term: number) => Uint8Array;
  /** The length of each product's text in one byte, as Lucene's norms. */
  readonly lengths: Uint8Array;
  /** How many terms all texts have together. */
  readonly totalTerms: number;
  /** Closes the file that it is read from, where there is one. */
  readonly close?: () => void;
}

/** The text that a product is found by: title, description, first bullet point, options. */
export function searchText(product: Product): string {
  const options = product.options.map(({ name, values }) => `${name}: ${values.join(', ')}`);
  return [product.title, product.description, product.bulletPoints[0] ?? '', options.join(', and ')]
    .join(' ')
    .toLowerCase();
}

/** What an index knows of a catalogue beside postings. */
export type IndexedTexts = Pick<SearchIndex, 'fingerprint' | 'size' | 'lengths' | 'totalTerms'>;

/** How a catalogue is inverted. */
export interface InvertOptions {
  /** How many postings are collected before they are given to `spill`, sorted; any number by default. */
  readonly most?: number;
  /** Takes postings, each time of products behind those before. */
  readonly spill?: (postings: SortedPostings) => void;
  /** Is told how many products were read, after each. */
  readonly onProduct?: ((count: number) => void) | undefined;
}

/**
 * Reads every product of a catalogue once, in order, and inverts its text.
 *
 * @returns what the texts have together, and the postings that were not spilled
 */
export function invertCatalogue(
  catalogue: Catalogue,
  { most = Infinity, spill, onProduct }: InvertOptions = {},
): { readonly texts: IndexedTexts; readonly rest: SortedPostings } {
  const { fingerprint, size } = catalogue;
  const collected = inverter();
  const lengths = new Uint8Array(size);
  let totalTerms = 0;
  for (let place = 0; place < size; place++) {
    const found = analyze(searchText(catalogue.product(place)));
    lengths[place] = lengthToByte(found.length);
    totalTerms += found.length;
    collected.add(place, found);
    if (collected.count() >= most) spill?.(collected.take());
    onProduct?.(place + 1);
  }
  return { texts: { fingerprint, size, lengths, totalTerms }, rest: collected.take() };
}

/** Indexes a catalogue in memory. For large ones see {@link saveSearchIndex}. */
export function buildSearchIndex(catalogue: Catalogue): SearchIndex {
  const { texts, rest } = invertCatalogue(catalogue);
  const { terms, bytes, starts } = rest;
  return {
    ...texts,
    terms: textList(encodeTexts(terms)),
    postings: (term) => bytes.subarray(starts[term], starts[term + 1]),
  };
}
