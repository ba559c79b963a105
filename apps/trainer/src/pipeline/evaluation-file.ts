import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { parseInput } from '@spark-rl/core';
import type { Run } from '@spark-rl/run-store';
import { z } from 'zod';

import type { EvaluationPair } from './summary.js';

const evaluationSchema = z.strictObject({
  temperature: z.number(),
  successes: z.array(z.boolean()),
  kinds: z.array(z.string()),
  meanTurns: z.number(),
  exploreRatio: z.number(),
  invalidRatio: z.number(),
});

const fileSchema = z.strictObject({
  at1: evaluationSchema,
  at04: evaluationSchema,
  seconds: z.number(),
});

/** Evaluations of one checkpoint, and how long they took. */
export interface StoredEvaluation extends EvaluationPair {
  readonly seconds: number;
}

const fileName = (checkpoint: string): string => `evaluation-${checkpoint}.json`;

/** Reads what was measured of a checkpoint; undefined when it was not measured yet. */
export async function readEvaluation(
  run: Run,
  checkpoint: string,
): Promise<StoredEvaluation | undefined> {
  const path = join(run.folder, fileName(checkpoint));
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  return parseInput(fileSchema, JSON.parse(text), path, 'Delete the file to measure again.');
}

/** Keeps what was measured of a checkpoint, so that a resumed run need not measure again. */
export const writeEvaluation = (
  run: Run,
  checkpoint: string,
  evaluation: StoredEvaluation,
): Promise<void> => run.writeFile(fileName(checkpoint), `${JSON.stringify(evaluation, null, 2)}\n`);
