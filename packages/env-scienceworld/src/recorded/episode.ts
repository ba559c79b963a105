import { parseInput } from '@spark-rl/core';
import { z } from 'zod';

const validSha = z
  .string()
  .regex(/^[0-9a-f]{16}$/, 'expected 16 hex digits')
  .exactOptional();

const moment = z.object({
  obs: z.string(),
  rawScore: z.number(),
  score: z.int(),
  reward: z.int(),
  done: z.boolean(),
  moves: z.int().min(0),
  look: z.string().exactOptional(),
  inv: z.string().exactOptional(),
  validCount: z.int().min(0).exactOptional(),
  validSha,
  validActions: z.array(z.string()).readonly().exactOptional(),
});

const schema = z.object({
  kind: z.string(),
  taskId: z.string().exactOptional(),
  task: z.string().min(1),
  variation: z.int().min(0),
  simplification: z.string(),
  simplificationsUsed: z.string().exactOptional(),
  loadError: z.string().exactOptional(),
  version: z.string().exactOptional(),
  taskDescription: z.string(),
  freeTaskDesc: z.string().exactOptional(),
  reset: moment,
  steps: z.array(moment.extend({ action: z.string() })).readonly(),
  finalScore: z.int(),
  finalDone: z.boolean(),
  goalProgress: z.string().exactOptional(),
});

/**
 * What one moment of a recorded episode showed: `obs` what the action gave, `rawScore` and `score` the simulator's and the official
 * score, `reward` the gain over the moment before, `done` whether the simulator called the task completed, `moves` its ticks. `look`
 * and `inv` are the free actions' texts. Where the valid actions were asked for, `validCount` counts them and `validSha` is the
 * first 16 hex digits of the SHA-256 of the sorted list joined by newlines; `validActions` is the list.
 */
export type RecordedMoment = z.output<typeof moment>;

/** A recorded step: an action and the moment after it. */
export type RecordedStep = RecordedMoment & { readonly action: string };

/**
 * An episode of the simulator as a line of JSON. Calls were made in this order: load, look around, score, completed, moves, look,
 * inventory, valid actions; then for each step: step, score, completed, moves, look, inventory, and the valid actions where the
 * step has their count.
 */
export type RecordedEpisode = z.output<typeof schema>;

/**
 * Checks that a value is a recorded episode.
 *
 * @param what - what the value is, for errors, such as `gold.jsonl.gz, line 3`
 * @throws InvalidInputError naming the first wrong field
 */
export const parseEpisode = (value: unknown, what: string): RecordedEpisode =>
  parseInput(schema, value, what, 'Record the episode again, with spark-rl scienceworld record.');
