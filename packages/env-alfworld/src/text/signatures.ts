/** The types of a predicate's arguments, one for each. */
export type Signature = readonly string[];

/**
 * The signatures whose facts answer a query for `types`, in the order in which the original goes through them: the types
 * themselves, then breadth first what comes of putting a subtype, direct or not, in the place of one of them. It notes what it has
 * met only from the second step on, so that a subtype of a subtype is gone through twice, and its facts are told twice.
 *
 * @param subtypes - all subtypes of a type, in order of their names
 */
export function signaturesOf(
  types: Signature,
  subtypes: (type: string) => readonly string[],
): readonly Signature[] {
  const narrower = (signature: Signature): readonly Signature[] =>
    signature.flatMap((type, i) =>
      subtypes(type).map((subtype) => signature.map((own, j) => (j === i ? subtype : own))),
    );
  const seen = new Set<string>();
  const queue = [types, ...narrower(types)];
  for (let i = 1; i < queue.length; i++) {
    for (const next of narrower(queue[i]!)) {
      const key = next.join(' ');
      if (seen.has(key)) continue;
      seen.add(key);
      queue.push(next);
    }
  }
  return queue;
}
