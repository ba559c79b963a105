import { parseInput, type Task, type Tree } from '@spark-rl/core';
import { z } from 'zod';

import { informativeGroups, type InformativeGroupsOptions } from './informative-groups.js';

const optionsSchema = z.strictObject({
  groups: z.int().min(1),
  rounds: z.int().min(1).default(10),
  again: z.enum(['new', 'same']).default('new'),
});

/** The settings of {@link dynamicSampling}. */
export interface DynamicSamplingOptions extends InformativeGroupsOptions {
  /** How many informative groups a batch shall have. */
  readonly groups: number;
  /** How often tasks are rolled out for a batch at most, the first time included. */
  readonly rounds?: number;
  /** What is sampled more: `new` tasks, or the `same` ones once more, their trees added to those that they have. */
  readonly again?: 'new' | 'same';
}

/** What to do after a round. */
export interface SamplingDecision {
  /** The groups to train, by their places; at most as many as the batch shall have. */
  readonly kept: readonly number[];
  /** How many tasks to take anew from the data; 0 when the batch is full or the rounds are over. */
  readonly newTasks: number;
  /** The tasks to roll out once more. */
  readonly sameTasks: readonly Task[];
}

/**
 * Dynamic sampling of DAPO (arXiv 2503.14476, section 3.2): tasks are rolled out until there are enough groups whose rewards differ, or
 * the rounds are over. A pure rule; the trainer calls it after each round with all groups so far and rolls out what it says.
 *
 * When to use it: where many tasks are always or never solved. Its price is rollouts that train nothing, so compare it at equal generated
 * tokens. Tasks that are tried until they split are over-represented: a bias that `again: 'same'` makes larger.
 *
 * @returns the rule, of all groups so far and the number of the round that just ended, from 0
 * @throws InvalidInputError naming the wrong option or, from the rule, the tree or leaf at fault
 */
export function dynamicSampling(
  options: DynamicSamplingOptions,
): (groups: readonly (readonly Tree[])[], round: number) => SamplingDecision {
  const { reward, minSpread, ...rest } = options;
  const {
    groups: wanted,
    rounds,
    again,
  } = parseInput(optionsSchema, rest, 'options of dynamicSampling');
  const filter = {
    ...(reward !== undefined && { reward }),
    ...(minSpread !== undefined && { minSpread }),
  };
  informativeGroups([], filter);
  return (groups, round) => {
    const { kept, dropped } = informativeGroups(groups, filter);
    const missing = Math.max(0, wanted - kept.length);
    const open = round + 1 < rounds ? missing : 0;
    const sameTasks =
      again === 'same'
        ? dropped.flatMap(({ group }) => groups[group]!.slice(0, 1)).map(({ task }) => task)
        : [];
    return {
      kept: kept.slice(0, wanted),
      newTasks: again === 'new' ? open : Math.max(0, open - sameTasks.length),
      sameTasks: sameTasks.slice(0, open),
    };
  };
}
