import { stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';

import { InvalidInputError, parseInput } from '@spark-rl/core';
import { z } from 'zod';

import type { Output } from '../../output/progress.js';
import { showResult } from '../../output/result.js';
import { withStopSignal } from '../../stop-signal.js';
import { creditRuleOf } from './credit-rule.js';
import { writeRunPage } from './run-page.js';
import { openTokenDecoder } from './token-decoder.js';

const optionsSchema = z.object({
  runs: z.string().min(1),
  port: z.int().min(0).max(65_535, 'ports end at 65535'),
  export: z.string().min(1).optional(),
  steps: z
    .string()
    .regex(/^\d+(-\d+)?$/, 'give a step or a range of steps, such as 3 or 1-5')
    .transform((text) => text.split('-').map(Number))
    .transform(([from = 1, to = from]) => ({ from, to }))
    .optional(),
});

/** The options as they come from the command line. */
export type StudioOptions = z.input<typeof optionsSchema>;

async function checkFolder(path: string, field: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory() === true) return;
  throw new InvalidInputError(`there is no folder ${path}`, {
    field,
    value: path,
    remedy: 'Train a run first (npm start), or name the folder where runs are with --runs.',
  });
}

/** What one page is, in a unit that tells. */
const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MB`;

async function exportRun(
  run: string,
  { export: file = '', steps }: z.output<typeof optionsSchema>,
  output: Output,
): Promise<number> {
  await checkFolder(run, 'run');
  const size = await writeRunPage(run, file, steps, output.write);
  showResult(
    output,
    { file, bytes: size },
    `${file}: ${megabytes(size)}, opens in any browser without a network\n`,
  );
  if (size > 64 * 2 ** 20)
    output.write('That is much for a browser: --steps chooses fewer trees, such as --steps 1-5.\n');
  return 0;
}

/** The studio's page of a run. */
const pageOf = (run: string): string => `#/run/${encodeURIComponent(basename(resolve(run)))}`;

/**
 * `spark-rl studio`: serves the studio until Ctrl-C, or writes a run as one HTML file. A run that is named is served among its
 * neighbours, and its page is the address.
 */
export async function studioCommand(
  run: string | undefined,
  given: StudioOptions,
  output: Output,
): Promise<number> {
  const options = parseInput(
    optionsSchema,
    given,
    'spark-rl studio',
    'See spark-rl studio --help.',
  );
  if (options.export !== undefined) {
    if (run !== undefined) return exportRun(run, options, output);
    throw new InvalidInputError('--export needs a run', {
      field: 'run',
      remedy: 'Name its folder, such as spark-rl studio --export run.html runs/NAME.',
    });
  }
  if (run !== undefined) await checkFolder(run, 'run');
  const runs = run === undefined ? options.runs : dirname(resolve(run));
  await checkFolder(runs, '--runs');
  const { loadAssets, openLibrary, serveStudio } = await import('@spark-rl/studio');
  const library = openLibrary({
    runs,
    creditRule: creditRuleOf,
    tokenDecoder: openTokenDecoder,
  });
  const studio = await serveStudio(library, await loadAssets(output.write), options.port);
  const url = run === undefined ? studio.url : new URL(pageOf(run), studio.url).href;
  // Whoever reads the address may end the studio at once, and is heard.
  await withStopSignal(
    () => undefined,
    (signal) => {
      showResult(
        output,
        { url, runs },
        `the studio of ${run ?? runs} is at ${url} (Ctrl-C ends it)\n`,
      );
      return new Promise<void>((ended) => signal.addEventListener('abort', () => ended()));
    },
  );
  await studio.close();
  output.write('\n');
  return 0;
}
