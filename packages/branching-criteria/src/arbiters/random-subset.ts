import { parseInput, type Arbiter } from '@spark-rl/core';
import { z } from 'zod';

import { countSchema } from '../schemas.js';

const randomSubsetOptions = z.strictObject({ count: countSchema });

/** k of {@link randomSubset}. */
export type RandomSubsetOptions = z.input<typeof randomSubsetOptions>;

/**
 * Serves k of the requests of a turn, every set of k equally likely, and drops the others; all of them when there are k or fewer.
 * With the criterion {@link always} this is the fixed-number branching of SPARK's published code, which at every step picks 4 running
 * paths at random in its whole batch of tasks; here k is for each task, since tasks do not wait for each other.
 *
 * @param options.count - k, a whole number of at least 1
 * @throws InvalidInputError when `count` is not such a number
 * @see https://github.com/jinyangwu/SPARK `agent_system/multi_turn_rollout/branch_utils.py`
 */
export function randomSubset(options: RandomSubsetOptions): Arbiter {
  const { count } = parseInput(randomSubsetOptions, options, 'options of randomSubset');
  return {
    id: `random-subset(${count})`,
    order: (requests, random) => random.shuffle(requests).slice(0, count),
  };
}
