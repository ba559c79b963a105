/** A map that holds at most so many entries: the one that was not looked at for the longest time makes room. */
export interface LeastRecentlyUsed<Key, Value> {
  readonly get: (key: Key) => Value | undefined;
  readonly set: (key: Key, value: Value) => void;
  readonly delete: (key: Key) => void;
}

/**
 * Makes an empty one.
 *
 * @param most - the most entries
 * @param dropped - told of what had to make room
 */
export function leastRecentlyUsed<Key, Value>(
  most: number,
  dropped: (value: Value) => void = () => undefined,
): LeastRecentlyUsed<Key, Value> {
  const entries = new Map<Key, Value>();
  const put = (key: Key, value: Value): void => {
    entries.delete(key);
    entries.set(key, value);
    const [oldest] = entries.size > most ? entries : [];
    if (oldest === undefined) return;
    entries.delete(oldest[0]);
    dropped(oldest[1]);
  };
  return {
    get: (key) => {
      const value = entries.get(key);
      if (value !== undefined) put(key, value);
      return value;
    },
    set: put,
    delete: (key) => void entries.delete(key),
  };
}
