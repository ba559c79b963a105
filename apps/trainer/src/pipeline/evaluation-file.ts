import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { InvalidInputError, parseInput } from '@spark-rl/core';
import type { Run } from '@spark-rl/run-store';
import { z } from 'zod';

import type { EvaluationPair } from './summary.js';

const evaluationSchema = z.strictObject({
  temperature: z.number(),
  lost: z.int().min(0),
  successes: z.array(z.boolean()),
  scores: z.array(z.number()),
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
  run: Pick<Run, 'folder'>,
  checkpoint: string,
): Promise<StoredEvaluation | undefined> {
  const path = join(run.folder, fileName(checkpoint));
  const remedy = 'Delete the file to measure again.';
  let json: unknown;
  try {
    json = JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InvalidInputError(`${path} cannot be read: ${reason}`, {
      field: path,
      remedy,
      cause,
    });
  }
  return parseInput(fileSchema, json, path, remedy);
}

/** Keeps what was measured of a checkpoint, so that a resumed run need not measure again. */
export const writeEvaluation = (
  run: Run,
  checkpoint: string,
  evaluation: StoredEvaluation,
): Promise<void> => run.writeFile(fileName(checkpoint), `${JSON.stringify(evaluation, null, 2)}\n`);
