/** Remembers the results of the last uses: what was not asked for the longest is forgotten first. */
export interface Memory<Value> {
  /** The remembered value if it was made under the same signature, else a new one. */
  readonly get: (key: string, signature: string, make: () => Promise<Value>) => Promise<Value>;
}

/** @param size - how many values at most */
export function createMemory<Value>(size: number): Memory<Value> {
  const values = new Map<string, { readonly signature: string; readonly value: Promise<Value> }>();
  return {
    get: (key, signature, make) => {
      const known = values.get(key);
      values.delete(key);
      const entry = known?.signature === signature ? known : { signature, value: make() };
      values.set(key, entry);
      // A failure is not worth remembering.
      entry.value.catch(() => values.delete(key));
      for (const oldest of values.keys()) {
        if (values.size <= size) break;
        values.delete(oldest);
      }
      return entry.value;
    },
  };
}
