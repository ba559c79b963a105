import type { Tree } from '@spark-rl/core';

import { growTree } from './grow-tree.js';
import { openLedger, resolveTree, type RolloutTreeOptions } from './options.js';
import { withStop } from './stop.js';

/**
 * Grows the tree of one task. M roots are M independent responses at the first state. At every turn of every path the policy
 * responds, the response is parsed, the environment steps once, and the criterion may ask for b children; the ledger grants
 * b_eff = min(b, N - created + 1), and the children start from the same next state, each with a response of its own. A path
 * ends at success, failure or the turn limit. An invalid response steps the environment with the empty action.
 *
 * The tree depends on the seed, the policy and the failures that it records, never on who answered first: the key of a
 * response is `[...seed, 'task', task, 'node', node, 'response']`, also where the call had to be repeated.
 *
 * @returns the finished tree. A path whose policy or environment stayed broken ends as a `failed` leaf that stays charged; the
 *   others go on. When the task could not be reset, all M leaves are failed
 * @throws InvalidInputError for wrong options, BudgetError when M roots do not fit, AbortedError when stopped, and whatever a
 *   criterion, arbiter, protocol, journal or listener throws
 * @see https://arxiv.org/abs/2601.20209 section 2.2
 */
export async function rolloutTree<State>(options: RolloutTreeOptions<State>): Promise<Tree> {
  const resolved = resolveTree(options);
  return withStop(options.signal, (signal) =>
    growTree(resolved, options, openLedger(resolved, options.task), signal),
  );
}
