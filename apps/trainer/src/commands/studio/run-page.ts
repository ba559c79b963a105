import { createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { creditRuleOf } from './credit-rule.js';
import { openTokenDecoder } from './token-decoder.js';

/** The steps whose trees a page holds; both ends are included. */
export interface StepRange {
  readonly from: number;
  readonly to: number;
}

/**
 * Writes a run as one HTML file that needs no server and no network: its settings, its measurements over time, and trees.
 *
 * @param run - the run folder
 * @param file - what is written
 * @param steps - whose trees; undefined for all trees, also those of no step
 * @param write - is told what takes time
 * @returns the size of the file in bytes
 */
export async function writeRunPage(
  run: string,
  file: string,
  steps: StepRange | undefined,
  write: (text: string) => void,
): Promise<number> {
  const { exportedPage, loadAssets, openLibrary } = await import('@spark-rl/studio');
  const folder = resolve(run);
  const library = openLibrary({
    runs: dirname(folder),
    creditRule: creditRuleOf,
    tokenDecoder: openTokenDecoder,
  });
  const page = exportedPage(
    library,
    await loadAssets(write),
    basename(folder),
    ({ step }) => steps === undefined || (step !== null && step >= steps.from && step <= steps.to),
  );
  await pipeline(Readable.from(page), createWriteStream(file));
  return (await stat(file)).size;
}
