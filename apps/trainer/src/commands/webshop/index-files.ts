import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import type { CatalogueFiles } from '@spark-rl/env-webshop';
import {
  indexCatalogue,
  openCatalogue,
  readSearchIndex,
  saveSearchIndex,
} from '@spark-rl/env-webshop';

import { formatCount, type Output } from '../../output/progress.js';
import { showResult } from '../../output/result.js';

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

/** How many products there are to a line that says how far the work is. */
const REPORTED = 200_000;

/**
 * Reads WebShop's data files once, and saves where the products stand and what words they have. Both files are made in a folder
 * beside them and moved when they are whole, the old search index first out of the way: whenever the work is stopped, what lies
 * in the folder belongs together or does not open.
 */
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
  let products = 0;
  const unfinished = join(out, 'unfinished');
  const [drafts, paths] = [indexPaths(unfinished), indexPaths(out)];
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  try {
    const report = (what: string) => (count: number) => {
      if (count % REPORTED === 0)
        output.write(`  ${formatCount(count)} ${what} read after ${seconds()} s\n`);
    };
    await indexCatalogue(files, drafts.products, report('products'));
    const catalogue = await openCatalogue(files, drafts.products);
    try {
      products = catalogue.size;
      output.write(`${formatCount(products)} products after ${seconds()} s\n`);
      saveSearchIndex(catalogue, drafts.search, { onProduct: report('texts') });
    } finally {
      catalogue.close?.();
    }
    rmSync(paths.search, { force: true });
    renameSync(drafts.products, paths.products);
    renameSync(drafts.search, paths.search);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
  const index = readSearchIndex(paths.search);
  showResult(
    output,
    { out, products, terms: index.terms.length },
    `${formatCount(index.terms.length)} terms after ${seconds()} s, in ${out}\n`,
  );
  index.close?.();
  return 0;
}
