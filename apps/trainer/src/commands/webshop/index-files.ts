import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import type { CatalogueFiles } from '@spark-rl/env-webshop';
import {
  buildSearchIndex,
  indexCatalogue,
  openCatalogue,
  writeSearchIndex,
} from '@spark-rl/env-webshop';

import { formatCount, type Output } from '../../output/progress.js';

/** What an index folder holds. */
export const indexPaths = (
  folder: string,
): { readonly products: string; readonly search: string } => ({
  products: join(folder, 'products.index'),
  search: join(folder, 'search.index'),
});

export interface IndexOptions {
  readonly items: string;
  readonly ins: string;
  readonly human?: string;
  readonly out: string;
}

/** Reads WebShop's data files once, and saves where the products stand and what words they have. */
export async function indexCommand(
  { items, ins, human, out }: IndexOptions,
  output: Output,
): Promise<number> {
  const files: CatalogueFiles = {
    items,
    instructions: ins,
    ...(human === undefined ? {} : { humanInstructions: human }),
  };
  const started = performance.now();
  const seconds = (): string => ((performance.now() - started) / 1000).toFixed(1);
  const paths = indexPaths(out);
  mkdirSync(out, { recursive: true });
  await indexCatalogue(files, paths.products);
  const catalogue = await openCatalogue(files, paths.products);
  try {
    output.write(`${formatCount(catalogue.size)} products after ${seconds()} s\n`);
    const index = buildSearchIndex(catalogue);
    writeSearchIndex(paths.search, index);
    output.write(`${formatCount(index.terms.size)} terms after ${seconds()} s, in ${out}\n`);
  } finally {
    catalogue.close?.();
  }
  return 0;
}
