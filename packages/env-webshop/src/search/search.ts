import { InvalidInputError } from '@spark-rl/core';

import type { Catalogue } from '../catalogue/catalogue.js';
import { analyze } from './analyze.js';
import { rankOf } from '../text-list.js';
import { decodePostings, postingsBuffer } from './postings.js';
import type { SearchIndex } from './search-index.js';
import { byteToLength } from './small-float.js';

/** A product that a query found. */
export interface Hit {
  readonly asin: string;
  readonly place: number;
  /** Its BM25 score in single precision; higher is better. */
  readonly score: number;
}

/** Finds products by words. */
export interface SearchEngine {
  /** The best products for a query, at most `count`, the best first. */
  readonly search: (query: string, count: number) => readonly Hit[];
}

// Anserini's defaults.
const K1 = Math.fround(0.9);
const B = Math.fround(0.4);

const { fround } = Math;

/** For each length byte, 1 / (k1 (1 - b + b length / average)), in single precision at every step. */
function inverseNorms(average: number): Float32Array {
  return Float32Array.from({ length: 256 }, (_, byte) => {
    const share = fround(fround(B * byteToLength(byte)) / average);
    return fround(1 / fround(K1 * fround(fround(1 - B) + share)));
  });
}

/**
 * A search engine over an index: BM25 with k1 0.9 and b 0.4 over a bag of words, in single precision as Lucene computes it.
 * A product's score is the sum over the query's different terms of `n idf (1 - 1 / (1 + tf / norm))`, n the term's count in the
 * query, `idf = ln(1 + (N - df + 0.5) / (df + 0.5))`; equal scores are ordered by asin. A query of stop words finds nothing.
 *
 * @throws InvalidInputError when the index was made of another catalogue
 */
export function searchEngine(catalogue: Catalogue, index: SearchIndex): SearchEngine {
  if (index.fingerprint !== catalogue.fingerprint) {
    throw new InvalidInputError('the search index belongs to another catalogue', {
      field: 'index',
      value: index.fingerprint,
      remedy: 'Build the index of this catalogue anew.',
    });
  }
  const norms = inverseNorms(fround(index.totalTerms / index.size));
  const scores = new Float64Array(index.size);
  const touched = new Uint32Array(index.size);
  const postings = postingsBuffer(index.size);

  /** Adds up the scores of all products that have a term of a query, and says which they are. */
  const gather = (query: string): Uint32Array => {
    const counts = new Map<string, number>();
    for (const term of analyze(query)) counts.set(term, (counts.get(term) ?? 0) + 1);
    let length = 0;
    for (const [term, count] of counts) {
      const number = rankOf(term, index.terms.length, index.terms.at);
      if (number < 0) continue;
      const found = decodePostings(index.postings(number), postings);
      const { places, frequencies } = postings;
      const idf = fround(Math.log(1 + (index.size - found + 0.5) / (found + 0.5)));
      const weight = fround(count * idf);
      for (let i = 0; i < found; i++) {
        const place = places[i]!;
        const saturation = fround(1 + fround(frequencies[i]! * norms[index.lengths[place]!]!));
        if (scores[place] === 0) touched[length++] = place;
        scores[place] = scores[place]! + fround(weight - fround(weight / saturation));
      }
    }
    return touched.subarray(0, length);
  };

  return {
    search: (query, count) => {
      const hits: Hit[] = [];
      // The worst of the hits kept stands last.
      const better = (a: Hit, b: Hit): boolean =>
        a.score > b.score || (a.score === b.score && a.asin < b.asin);
      for (const place of gather(query)) {
        const score = fround(scores[place]!);
        scores[place] = 0;
        const worst = hits.at(-1);
        if (hits.length === count && worst !== undefined && score < worst.score) continue;
        const hit: Hit = { asin: catalogue.asin(place), place, score };
        if (hits.length === count && (worst === undefined || !better(hit, worst))) continue;
        if (hits.length === count) hits.pop();
        let at = hits.length;
        while (at > 0 && better(hit, hits[at - 1]!)) at--;
        hits.splice(at, 0, hit);
      }
      return hits;
    },
  };
}
