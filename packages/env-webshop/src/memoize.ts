/** Remembers the last `limit` different results of a pure function of one text. */
export function memoize<Value>(
  compute: (text: string) => Value,
  limit: number,
): (text: string) => Value {
  const known = new Map<string, Value>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const value = compute(text);
    if (known.size >= limit) known.delete(known.keys().next().value!);
    known.set(text, value);
    return value;
  };
}
