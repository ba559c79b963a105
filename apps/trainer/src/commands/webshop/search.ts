import {
  buildSearchIndex,
  openCatalogue,
  readCatalogue,
  readSearchIndex,
  searchEngine,
  type SearchIndex,
} from '@spark-rl/env-webshop';

import type { Output } from '../../output/progress.js';
import { showResult } from '../../output/result.js';
import { indexPaths } from './index-files.js';

export interface SearchOptions {
  readonly items: string;
  readonly ins: string;
  readonly index?: string;
  readonly count: number;
}

/** Prints what a query finds in a catalogue, the best first, as JSON. */
export async function searchCommand(
  query: string,
  { items, ins, index, count }: SearchOptions,
  output: Output,
): Promise<number> {
  const files = { items, instructions: ins };
  const saved = index === undefined ? undefined : indexPaths(index);
  const catalogue = await (saved === undefined
    ? readCatalogue(files)
    : openCatalogue(files, saved.products));
  let searched: SearchIndex | undefined;
  try {
    searched = saved === undefined ? buildSearchIndex(catalogue) : readSearchIndex(saved.search);
    const engine = searchEngine(catalogue, searched);
    const hits = engine.search(query, count).map(({ asin, place, score }) => {
      const { title, priceText } = catalogue.product(place);
      return { asin, score, title, price: priceText };
    });
    showResult(output, hits, `${JSON.stringify(hits, null, 2)}\n`);
  } finally {
    searched?.close?.();
    catalogue.close?.();
  }
  return 0;
}
