import { parseInput } from '@spark-rl/core';
import { z } from 'zod';

import type { Catalogue } from '../catalogue/catalogue.js';
import { analyze } from '../search/analyze.js';
import { buildSearchIndex } from '../search/search-index.js';
import { searchEngine } from '../search/search.js';
import type { Case } from './report.js';

const analyzerSchema = z.array(z.tuple([z.string(), z.array(z.string())]));

const referenceSchema = z.array(
  z.object({
    query: z.string(),
    total: z.int().optional(),
    top10: z.array(z.tuple([z.string(), z.number()])),
  }),
);

const normsSchema = z.array(z.tuple([z.string(), z.int()]));

/** Texts and the terms that they are searched by. */
export const analyzerCases = (value: unknown): Case[] =>
  parseInput(analyzerSchema, value, 'analyzer').map(([text, expected]) => ({
    name: JSON.stringify(text),
    expected,
    found: analyze(text),
  }));

/** Queries and what they find: how many, and the best ten in order. Scores are not compared. */
export function referenceCases(value: unknown, catalogue: Catalogue): Case[] {
  const engine = searchEngine(catalogue, buildSearchIndex(catalogue));
  return parseInput(referenceSchema, value, 'reference').map(({ query, total, top10 }) => {
    const hits = engine.search(query, 50);
    return {
      name: JSON.stringify(query),
      expected: { total, top10: top10.map(([asin]) => asin) },
      found: {
        total: total === undefined ? undefined : hits.length,
        top10: hits.slice(0, top10.length).map(({ asin }) => asin),
      },
    };
  });
}

/** The length bytes of products. */
export function normCases(value: unknown, catalogue: Catalogue): Case[] {
  const { lengths } = buildSearchIndex(catalogue);
  return parseInput(normsSchema, value, 'norms').map(([asin, expected]) => {
    const place = catalogue.placeOf(asin);
    return { name: asin, expected, found: place === undefined ? undefined : lengths[place] };
  });
}
