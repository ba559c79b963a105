import { InvalidInputError } from '@spark-rl/core';
import { openRun } from '@spark-rl/run-store';

import { recordedConfig } from '../config/recorded-config.js';
import type { TrainConfig } from '../config/schema.js';
import type { Output } from '../output/progress.js';
import { checkRecord, recordOf } from '../pipeline/base-model.js';
import { trainAndReport } from './train.js';

/** `spark-rl resume`: goes on with a run from its last checkpoint, on the engine it was begun with unless another is named. */
export async function resumeCommand(
  folder: string,
  options: { readonly engine?: string },
  output: Output,
): Promise<number> {
  const run = await openRun(folder);
  const { manifest } = run;
  if (manifest.id.includes('+')) {
    await run.close();
    throw new InvalidInputError(`${folder} belongs to a comparison`, {
      field: 'run',
      value: folder,
      remedy: `Go on with: npm run -s spark-rl -- compare --run ${folder.slice(0, folder.lastIndexOf('+'))}`,
    });
  }
  let config: TrainConfig;
  try {
    config = recordedConfig(folder, manifest);
    if (manifest.baseModel !== undefined)
      checkRecord(manifest.baseModel, await recordOf(manifest.baseModel.folder));
  } catch (cause) {
    await run.close();
    throw cause;
  }
  if (options.engine !== undefined && options.engine !== manifest.engine) {
    output.write(
      `The run began on ${manifest.engine}; on ${options.engine} its numbers will differ in their last bits, and the trees after its last checkpoint are grown anew.\n`,
    );
  }
  return trainAndReport(run, config, options.engine ?? manifest.engine, output);
}
