import { throwIfAborted } from '@spark-rl/core';

/**
 * Works on items, at most `limit` at once, in the order they come; `work` is told the place of each. The first failure stops the others
 * through the signal that `work` gets, and is thrown when they have ended.
 */
export async function concurrently<Item>(
  items: Iterable<Item> | AsyncIterable<Item>,
  limit: number,
  work: (item: Item, index: number, signal: AbortSignal) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  const stop = new AbortController();
  const either = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
  const source =
    Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  let next = 0;
  let failed: { readonly cause: unknown } | undefined;
  const worker = async (): Promise<void> => {
    try {
      for (;;) {
        throwIfAborted(either);
        const index = next++;
        const item = await source.next();
        if (item.done === true) return;
        await work(item.value, index, either);
      }
    } catch (cause) {
      // The first cause counts, not the stop that it brings upon the others.
      failed ??= { cause };
      stop.abort();
    }
  };
  await Promise.all(Array.from({ length: limit }, worker));
  await source.return?.();
  throwIfAborted(signal);
  if (failed !== undefined) throw failed.cause;
}
