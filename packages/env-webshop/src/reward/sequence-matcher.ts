interface Match {
  readonly a: number;
  readonly b: number;
  readonly size: number;
}

/** From how many characters on `difflib` ignores frequent ones. */
const AUTOJUNK_LENGTH = 200;

/** Where each character of `b` stands, but for those that `difflib` takes for noise in long texts. */
function placesOf(b: readonly string[]): Map<string, number[]> {
  const places = new Map<string, number[]>();
  for (const [index, character] of b.entries()) {
    const list = places.get(character);
    if (list === undefined) places.set(character, [index]);
    else list.push(index);
  }
  if (b.length >= AUTOJUNK_LENGTH) {
    const most = Math.floor(b.length / 100) + 1;
    for (const [character, list] of places) if (list.length > most) places.delete(character);
  }
  return places;
}

/** The longest common block within bounds; the earliest in `a`, then in `b`, of the longest. */
function longestMatch(
  a: readonly string[],
  b: readonly string[],
  places: ReadonlyMap<string, readonly number[]>,
  [aLow, aHigh, bLow, bHigh]: readonly [number, number, number, number],
): Match {
  let best: Match = { a: aLow, b: bLow, size: 0 };
  let lengths = new Map<number, number>();
  for (let i = aLow; i < aHigh; i++) {
    const next = new Map<number, number>();
    for (const j of places.get(a[i]!) ?? []) {
      if (j < bLow) continue;
      if (j >= bHigh) break;
      const size = (lengths.get(j - 1) ?? 0) + 1;
      next.set(j, size);
      if (size > best.size) best = { a: i - size + 1, b: j - size + 1, size };
    }
    lengths = next;
  }
  // Characters taken for noise do not begin a match, but they prolong one.
  let { a: start, b: other, size } = best;
  while (start > aLow && other > bLow && a[start - 1] === b[other - 1]) {
    start--;
    other--;
    size++;
  }
  while (start + size < aHigh && other + size < bHigh && a[start + size] === b[other + size])
    size++;
  return { a: start, b: other, size };
}

/**
 * How many characters the matching blocks of two texts have in all: the M of `difflib.SequenceMatcher(None, a, b)`, with
 * its automatic noise heuristic. Not symmetric.
 */
export function matchingCharacters(a: readonly string[], b: readonly string[]): number {
  const places = placesOf(b);
  const open: [number, number, number, number][] = [[0, a.length, 0, b.length]];
  let total = 0;
  for (let bounds = open.pop(); bounds !== undefined; bounds = open.pop()) {
    const match = longestMatch(a, b, places, bounds);
    if (match.size === 0) continue;
    total += match.size;
    const [aLow, aHigh, bLow, bHigh] = bounds;
    if (aLow < match.a && bLow < match.b) open.push([aLow, match.a, bLow, match.b]);
    const [aEnd, bEnd] = [match.a + match.size, match.b + match.size];
    if (aEnd < aHigh && bEnd < bHigh) open.push([aEnd, aHigh, bEnd, bHigh]);
  }
  return total;
}
