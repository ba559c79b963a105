import { parseInput } from '@spark-rl/core';
import { openRun } from '@spark-rl/run-store';

import { trainConfigSchema } from '../config/schema.js';
import type { Output } from '../output/progress.js';
import { trainAndReport } from './train.js';

/** `spark-rl resume`: goes on with a run from its last checkpoint, on the engine it was begun with unless another is named. */
export async function resumeCommand(
  folder: string,
  options: { readonly engine?: string },
  output: Output,
): Promise<number> {
  const run = await openRun(folder);
  const { manifest } = run;
  const config = parseInput(
    trainConfigSchema,
    manifest.config,
    `${folder}/manifest.json: config`,
    'Restore the manifest from a copy.',
  );
  if (options.engine !== undefined && options.engine !== manifest.engine) {
    output.write(
      `The run began on ${manifest.engine}; on ${options.engine} its numbers will differ in their last bits.\n`,
    );
  }
  return trainAndReport(run, config, options.engine ?? manifest.engine, output);
}
