import { parseInput } from '@spark-rl/core';
import { openCheckpoints } from '@spark-rl/run-store';
import {
  messagesRows,
  preferenceRows,
  promptCompletionRows,
  rowsOf,
  tokenRows,
  verlColumns,
  verlRows,
  writeJsonLines,
  writeParquet,
  type ExportedTree,
  type ExportedTrees,
  type PromptOptions,
} from '@spark-rl/tree-export';
import { join } from 'node:path';
import { z } from 'zod';

import { readRecordedConfig } from '../config/recorded-config.js';
import type { Output } from '../output/progress.js';
import { showResult } from '../output/result.js';
import { loadCheckpoint } from '../pipeline/checkpoint.js';
import { estimatorOf } from '../pipeline/estimator.js';
import { treesPerTaskOf } from '../pipeline/method.js';
import { recordedTrees } from '../pipeline/recorded-trees.js';
import { modelFormats } from './export-model.js';

/** What `--format` may be for trees. */
export const exportFormats = ['trl', 'trl-messages', 'trl-preference', 'verl', 'jsonl'] as const;

const optionsSchema = z.object({
  format: z.enum(
    exportFormats,
    `there is no such format; choose one of: ${[...exportFormats, ...modelFormats].join(', ')}`,
  ),
  out: z.string().min(1),
  prompts: z.enum(['chat', 'text'], 'choose chat or text'),
  steps: z
    .string()
    .regex(/^\d+(-\d+)?$/, 'give a step or a range of steps, such as 3 or 1-5')
    .transform((text) => text.split('-').map(Number))
    .transform(([from = 1, to = from]) => ({ from, to }))
    .optional(),
});

/** The options as they come from the command line. */
export type ExportOptions = z.input<typeof optionsSchema>;

function writeAs(
  { format, out }: z.output<typeof optionsSchema>,
  trees: ExportedTrees,
  prompts: PromptOptions,
): Promise<number> {
  switch (format) {
    case 'trl':
      return writeJsonLines(
        out,
        rowsOf(trees, (each) => promptCompletionRows(each, prompts)),
      );
    case 'trl-messages':
      return writeJsonLines(
        out,
        rowsOf(trees, (each) => messagesRows(each)),
      );
    case 'trl-preference':
      return writeJsonLines(
        out,
        rowsOf(trees, (each) => preferenceRows(each, prompts)),
      );
    case 'jsonl':
      return writeJsonLines(out, rowsOf(trees, tokenRows));
    case 'verl':
      return writeParquet(out, verlColumns, rowsOf(trees, verlRows));
  }
}

/** `spark-rl export`: the trees of a run as a data set that other trainers read, tree by tree. */
export async function exportCommand(
  folder: string,
  given: ExportOptions,
  output: Output,
): Promise<number> {
  const options = parseInput(
    optionsSchema,
    given,
    'spark-rl export',
    'See spark-rl export --help.',
  );
  const config = await readRecordedConfig(folder);
  let prompts: PromptOptions = {};
  if (options.prompts === 'text') {
    // The tokenizer is the same in all checkpoints of a run.
    const checkpoints = openCheckpoints(join(folder, 'checkpoints'));
    const [name = 'final'] = await checkpoints.list();
    const { model } = await loadCheckpoint(checkpoints, name, config.model);
    prompts = { decode: model.tokenizer.decode };
  }
  let unfinished = 0;
  const trees = recordedTrees({
    folder,
    estimator: estimatorOf(config),
    treesPerTask: treesPerTaskOf(config.rollout),
    steps: options.steps ?? { from: 1, to: Infinity },
    onUnfinished: () => unfinished++,
  });
  let count = 0;
  const counted = async function* (): AsyncGenerator<ExportedTree, void, undefined> {
    for await (const each of trees) {
      count++;
      yield each;
    }
  };
  const rows = await writeAs(options, counted(), prompts);
  const { out, format } = options;
  showResult(
    output,
    { out, format, rows, trees: count, unfinished },
    `${out}: ${rows} rows of ${count} trees (${format})\n` +
      (unfinished > 0 ? `${unfinished} unfinished trees and their groups are left out\n` : ''),
  );
  return 0;
}
