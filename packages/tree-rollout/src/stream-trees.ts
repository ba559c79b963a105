import type { Tree } from '@spark-rl/core';

import type { RolloutEvent } from './events.js';
import type { RolloutTreesOptions } from './options.js';
import { rolloutTrees } from './rollout-trees.js';

/**
 * `rolloutTrees` as a stream of what happens. The rollout waits for its reader: an event is given out when the one before it was
 * taken. Leaving the loop stops the rollout.
 *
 * @returns the trees in the order they were asked for, as the value of the last `next()`
 */
export async function* streamTrees<State>(
  options: Omit<RolloutTreesOptions<State>, 'onEvent'>,
): AsyncGenerator<RolloutEvent, readonly Tree[], void> {
  const left = new AbortController();
  const waiting: { readonly event: RolloutEvent; readonly taken: () => void }[] = [];
  let wake = (): void => undefined;
  const onEvent = (event: RolloutEvent): Promise<void> =>
    new Promise((taken) => {
      // Nobody takes it any more; the rollout must come to its end all the same.
      if (left.signal.aborted) return taken();
      waiting.push({ event, taken });
      wake();
    });
  const signal =
    options.signal === undefined ? left.signal : AbortSignal.any([options.signal, left.signal]);
  let finished = false;
  const trees = rolloutTrees({ ...options, signal, onEvent }).finally(() => {
    finished = true;
    wake();
  });
  // What it is rejected with is thrown below; without this it would count as unhandled while events are still being read.
  trees.catch(() => undefined);
  try {
    for (;;) {
      const [next] = waiting;
      if (next !== undefined) {
        yield next.event;
        waiting.shift();
        next.taken();
      } else if (finished) return await trees;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    left.abort();
    for (const { taken } of waiting) taken();
  }
}
