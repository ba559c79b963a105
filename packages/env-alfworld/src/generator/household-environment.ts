import { parseInput, type Environment } from '@spark-rl/core';
import { z } from 'zod';

import { alfworldEnvironment, type AlfworldOptions, type AlfworldState } from '../environment.js';
import { householdTasks, type HouseholdTasksOptions } from './household-tasks.js';

/** Which generated games an environment plays, and how. */
export interface HouseholdOptions
  extends HouseholdTasksOptions, Pick<AlfworldOptions, 'unlisted' | 'admissible' | 'aliases'> {
  /** After how many commands an episode is cut off; default 20 in small rooms, 50 in full ones. */
  readonly maxSteps?: number;
}

const playSchema = z.looseObject({
  maxSteps: z.number().int().min(1).optional(),
  unlisted: z.array(z.string()).default([]),
  admissible: z.boolean().default(true),
  aliases: z.boolean().default(false),
});

/**
 * An environment of generated household games, ready to play without any file: ALFWorld's six kinds of tasks in rooms of a
 * chosen size, with the splits `train`, `valid_seen` and `valid_unseen`.
 *
 * @throws InvalidInputError when an option is wrong
 */
export function householdEnvironment(options: HouseholdOptions = {}): Environment<AlfworldState> {
  const { maxSteps, unlisted, admissible, aliases, ...tasks } = parseInput(
    playSchema,
    options,
    'options of householdEnvironment',
  );
  const source = householdTasks(tasks);
  const steps = maxSteps ?? (options.size === 'full' ? 50 : 20);
  return alfworldEnvironment({ source, maxSteps: steps, unlisted, admissible, aliases });
}
