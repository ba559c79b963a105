import type { Catalogue } from '../catalogue/catalogue.js';
import type { Product } from '../catalogue/product.js';
import { analyze } from './analyze.js';
import { lengthToByte } from './small-float.js';

/** An inverted index over a catalogue: for each term the products that have it, by place, and how often. */
export interface SearchIndex {
  /** The catalogue that it was made of. */
  readonly fingerprint: string;
  /** How many products. */
  readonly size: number;
  /** The number of each term. */
  readonly terms: ReadonlyMap<string, number>;
  /** Where the postings of each term begin; one entry more than terms, so that each ends where the next begins. */
  readonly starts: Uint32Array;
  /** The places, ascending within a term. */
  readonly places: Uint32Array;
  /** How often the term occurs there, cut at 65,535. */
  readonly frequencies: Uint16Array;
  /** The length of each product's text in one byte, as Lucene's norms. */
  readonly lengths: Uint8Array;
  /** How many terms all texts have together. */
  readonly totalTerms: number;
}

/** The text that a product is found by: title, description, first bullet point, options. */
export function searchText(product: Product): string {
  const options = product.options.map(({ name, values }) => `${name}: ${values.join(', ')}`);
  return [product.title, product.description, product.bulletPoints[0] ?? '', options.join(', and ')]
    .join(' ')
    .toLowerCase();
}

/** A list of numbers that grows without an array object of them. */
class Numbers {
  values = new Uint32Array(4);
  length = 0;

  push(value: number): void {
    if (this.length === this.values.length) {
      const larger = new Uint32Array(2 * this.length);
      larger.set(this.values);
      this.values = larger;
    }
    this.values[this.length++] = value;
  }
}

const MOST_FREQUENT = 0xffff;

/** Indexes a catalogue: every product is read once, in order. */
export function buildSearchIndex(catalogue: Catalogue): SearchIndex {
  const terms = new Map<string, number>();
  /** For each term, places and frequencies in turn. */
  const postings: Numbers[] = [];
  const lengths = new Uint8Array(catalogue.size);
  let totalTerms = 0;
  for (let place = 0; place < catalogue.size; place++) {
    const found = analyze(searchText(catalogue.product(place)));
    lengths[place] = lengthToByte(found.length);
    totalTerms += found.length;
    for (const term of found) {
      let number = terms.get(term);
      if (number === undefined) {
        number = postings.length;
        terms.set(term, number);
        postings.push(new Numbers());
      }
      const list = postings[number]!;
      if (list.length > 0 && list.values[list.length - 2] === place)
        list.values[list.length - 1] = Math.min(list.values[list.length - 1]! + 1, MOST_FREQUENT);
      else {
        list.push(place);
        list.push(1);
      }
    }
  }
  const starts = new Uint32Array(postings.length + 1);
  for (const [number, list] of postings.entries())
    starts[number + 1] = starts[number]! + list.length / 2;
  const places = new Uint32Array(starts.at(-1)!);
  const frequencies = new Uint16Array(places.length);
  for (const [number, list] of postings.entries()) {
    const start = starts[number]!;
    for (let i = 0; i < list.length; i += 2) {
      places[start + i / 2] = list.values[i]!;
      frequencies[start + i / 2] = list.values[i + 1]!;
    }
  }
  return {
    fingerprint: catalogue.fingerprint,
    size: catalogue.size,
    terms,
    starts,
    places,
    frequencies,
    lengths,
    totalTerms,
  };
}
