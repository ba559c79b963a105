import { buildSearchIndex, readCatalogue, searchEngine } from '@spark-rl/env-webshop';

import type { Output } from '../../output/progress.js';

export interface SearchOptions {
  readonly items: string;
  readonly ins: string;
  readonly count: number;
}

/** Prints what a query finds in a catalogue, the best first, as JSON. */
export async function searchCommand(
  query: string,
  { items, ins, count }: SearchOptions,
  output: Output,
): Promise<number> {
  const catalogue = await readCatalogue({ items, instructions: ins });
  const engine = searchEngine(catalogue, buildSearchIndex(catalogue));
  const hits = engine.search(query, count).map(({ asin, place, score }) => {
    const { title, priceText } = catalogue.product(place);
    return { asin, score, title, price: priceText };
  });
  output.write(`${JSON.stringify(hits, null, 2)}\n`);
  return 0;
}
