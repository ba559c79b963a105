import { join } from 'node:path';

import { InvalidInputError, parseInput } from '@spark-rl/core';
import { openCheckpoints } from '@spark-rl/run-store';
import {
  mergeAdapters,
  saveAdapter,
  saveHuggingFaceModel,
  type HuggingFaceModel,
} from '@spark-rl/transformer-policy';
import { z } from 'zod';

import type { ModelConfig } from '../config/model-schema.js';
import { readRecordedConfig } from '../config/recorded-config.js';
import { formatCount, type Output } from '../output/progress.js';
import { showResult } from '../output/result.js';
import { trainedParameters, type AgentModel } from '../pipeline/agent-model.js';
import { readBase } from '../pipeline/base-model.js';
import { loadCheckpoint } from '../pipeline/checkpoint.js';

/** Formats of `export` that are models: a folder as on Hugging Face, adapters merged; or the adapters, as the PEFT library saves them. */
export const modelFormats = ['hugging-face', 'peft'] as const;

const optionsSchema = z.object({
  format: z.enum(modelFormats),
  out: z.string().min(1),
  checkpoint: z.string().min(1).default('final'),
  storage: z
    .enum(['f32', 'f16', 'bf16'], 'there is no such storage; choose one of: f32, f16, bf16')
    .default('f32'),
});

/** The options as they come from the command line. */
export type ExportModelOptions = z.input<typeof optionsSchema>;

/** Whether a model is asked for, not trees. */
export const isModelExport = (options: {
  readonly format: string;
}): options is ExportModelOptions => (modelFormats as readonly string[]).includes(options.format);

/** What the folder of the published model says beside the weights, where it is still there. */
async function originOf(model: ModelConfig): Promise<HuggingFaceModel['origin'] | undefined> {
  return model.from === 'folder' ? (await readBase(model)).origin : undefined;
}

const numbersIn = (parameters: AgentModel['parameters']): number =>
  Object.values(parameters).reduce((sum, { data }) => sum + data.length, 0);

/** `spark-rl export --format hugging-face` or `peft`: a checkpoint of a run as others load it. */
export async function exportModel(
  folder: string,
  given: ExportModelOptions,
  output: Output,
): Promise<number> {
  const options = parseInput(
    optionsSchema,
    given,
    'spark-rl export',
    'See spark-rl export --help.',
  );
  const { format, out, checkpoint, storage } = options;
  const config = await readRecordedConfig(folder);
  const checkpoints = openCheckpoints(join(folder, 'checkpoints'));
  const { model } = await loadCheckpoint(checkpoints, checkpoint, config.model);
  const { lora, base, config: architecture, tokenizer, parameters } = model;
  let numbers: number;
  if (format === 'peft') {
    if (lora === undefined) {
      throw new InvalidInputError(`${folder} trained all weights, not adapters`, {
        field: '--format',
        value: format,
        remedy: 'Export the whole model: --format hugging-face.',
      });
    }
    const adapters = trainedParameters(model, parameters);
    await saveAdapter(
      out,
      { config: architecture, lora, adapters },
      { storage, ...(base !== undefined && { baseModel: base.folder }) },
    );
    numbers = numbersIn(adapters);
  } else {
    const origin = await originOf(config.model);
    const merged =
      lora === undefined ? parameters : mergeAdapters(architecture, lora, parameters, parameters);
    await saveHuggingFaceModel(
      out,
      {
        config: architecture,
        tokenizer,
        parameters: merged,
        ...(origin !== undefined && { origin }),
      },
      { storage },
    );
    numbers = numbersIn(merged);
  }
  const what =
    format === 'peft' ? 'adapters' : lora === undefined ? 'model' : 'model, adapters merged';
  showResult(
    output,
    { out, format, checkpoint, storage, parameters: numbers },
    `${out}: the ${what} of ${checkpoint}, ${formatCount(numbers)} parameters as ${storage} (${format})\n`,
  );
  return 0;
}
