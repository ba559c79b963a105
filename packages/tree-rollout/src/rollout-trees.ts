import { InvalidInputError, type Tree } from '@spark-rl/core';

import { growTree } from './grow-tree.js';
import {
  openLedger,
  resolveTrees,
  treeIdOf,
  type ResolvedOptions,
  type RolloutTreesOptions,
} from './options.js';
import { withStop } from './stop.js';

/** Enough for any policy's batches; thousands of half-grown trees at once would only keep the garbage collector busy. */
const CONCURRENCY = 256;

/** How many trees the environment's live states carry: N for each, and at least one tree. */
function carried<State>(
  resolved: ResolvedOptions<State>,
  trees: RolloutTreesOptions<State>['trees'],
): number {
  const { maxLiveStates = Infinity } = resolved.environment;
  if (maxLiveStates === Infinity) return Infinity;
  let widest = 1;
  for (const { task } of trees)
    widest = Math.max(widest, openLedger(resolved, task).account().limit);
  return Math.max(1, Math.floor(maxLiveStates / widest));
}

/**
 * Grows the trees of many tasks at once. Tasks never wait for each other. With `concurrency`, or when the environment can hold
 * only so many live states, fewer grow at a time: a tree is admitted when the N states that it may need fit, and one always is.
 *
 * @returns the trees in the order they were asked for; each is what `rolloutTree` gives, whatever the concurrency
 * @throws InvalidInputError for wrong options or a tree id used twice; else as `rolloutTree` does, and then no tree goes on
 */
export async function rolloutTrees<State>(
  options: RolloutTreesOptions<State>,
): Promise<readonly Tree[]> {
  const resolved = resolveTrees(options);
  const { trees, concurrency = CONCURRENCY } = options;
  const ids = new Set<string>();
  for (const request of trees) {
    const id = treeIdOf(request);
    if (ids.has(id)) {
      throw new InvalidInputError(`two trees are named ${id}`, {
        field: 'trees',
        value: id,
        remedy: 'Give each a treeId of its own; a task may be grown twice under different seeds.',
      });
    }
    ids.add(id);
  }

  const grown: Tree[] = [];
  await withStop(options.signal, async (signal) => {
    const workers = Math.min(concurrency, carried(resolved, trees), trees.length);
    const waiting = trees.entries();
    const work = async (): Promise<void> => {
      // The ledger is opened when the tree begins: a budget of time must not run while the tree waits.
      for (const [index, request] of waiting)
        grown[index] = await growTree(
          resolved,
          request,
          openLedger(resolved, request.task),
          signal,
        );
    };
    await Promise.all(Array.from({ length: workers }, work));
  });
  return grown;
}
