/** Two things that should be the same, each as text that shows where they are not. */
export interface Contrast {
  readonly expected: string;
  readonly found: string;
}

const BEFORE = 30;
const AFTER = 120;

/**
 * Shows how two values differ: of texts, the surroundings of the first difference; of lists, what one has and the other has not,
 * or the first items that differ in order; of all else, both.
 */
export function contrast(expected: unknown, found: unknown): Contrast {
  if (typeof expected === 'string' && typeof found === 'string') {
    let at = 0;
    while (at < expected.length && expected[at] === found[at]) at++;
    return { expected: around(expected, at), found: around(found, at) };
  }
  if (Array.isArray(expected) && Array.isArray(found)) {
    const missing = expected.filter((item) => !found.includes(item));
    const extra = found.filter((item) => !expected.includes(item));
    if (missing.length > 0 || extra.length > 0) {
      return {
        expected: `also ${JSON.stringify(missing)}`,
        found: `also ${JSON.stringify(extra)}`,
      };
    }
    const at = expected.findIndex((item, i) => item !== found[i]);
    const item = (list: readonly unknown[]): string =>
      `item ${at + 1}: ${JSON.stringify(list[at] ?? null)}`;
    return { expected: item(expected), found: item(found) };
  }
  return { expected: JSON.stringify(expected), found: JSON.stringify(found) };
}

function around(text: string, at: number): string {
  const start = Math.max(0, at - BEFORE);
  const end = at + AFTER;
  return `${start > 0 ? '...' : ''}${JSON.stringify(text.slice(start, end))}${end < text.length ? '...' : ''}`;
}
