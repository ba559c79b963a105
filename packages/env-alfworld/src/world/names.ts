/**
 * The names that players see. The class of an object is the text of its id before the first `_bar_`, with `basin` appended
 * when the id contains it; the objects of a class are numbered in descending order of their ids, so that the last gets 1. An id
 * without `_bar_` gets no number, and a name that ends with a space, as in ALFWorld.
 *
 * @param sortedIds - the ids of all objects that occur in an initial fact, in ascending order
 */
export function entityNames(sortedIds: readonly string[]): ReadonlyMap<string, string> {
  const classes = sortedIds.map(classOf);
  const left = new Map<string, number>();
  for (const name of classes) if (name !== null) left.set(name, (left.get(name) ?? 0) + 1);
  const names = new Map<string, string>();
  sortedIds.forEach((id, i) => {
    const name = classes[i]!;
    if (name === null) {
      names.set(id, `${readable(id)} `);
      return;
    }
    const number = left.get(name)!;
    left.set(name, number - 1);
    names.set(id, `${readable(name)} ${number}`);
  });
  return names;
}

/** PDDL has no `-`, `+`, `.` and `,` in names, so ALFWorld writes them as words. */
const readable = (text: string): string =>
  text
    .replaceAll('_minus_', '-')
    .replaceAll('_plus_', '+')
    .replaceAll('_dot_', '.')
    .replaceAll('_comma_', ',');

/** The class of an object, or null when its id has no `_bar_`. */
function classOf(id: string): string | null {
  const end = id.indexOf('_bar_');
  if (end < 0) return null;
  return id.includes('basin') ? `${id.slice(0, end)}basin` : id.slice(0, end);
}
