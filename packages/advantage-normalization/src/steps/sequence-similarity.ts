/** Where two stretches of the same length are equal. */
interface Match {
  readonly a: number;
  readonly b: number;
  readonly size: number;
}

/**
 * How alike two texts are, from 0 to 1: 2 M / T, where T counts the characters of both and M those in matching blocks: the longest common
 * block (the first in `a`, then in `b`, where several are as long), and again left and right of it (Ratcliff, Obershelp; the algorithm
 * of Python's difflib, whose documentation describes it: https://docs.python.org/3/library/difflib.html). As there, characters that make
 * up more than 1 % of a `b` of 200 or more characters start no block, only prolong one. Not symmetric.
 */
export function sequenceSimilarity(a: string, b: string): number {
  const [left, right] = [[...a], [...b]];
  const total = left.length + right.length;
  if (total === 0) return 1;
  const places = new Map<string, number[]>();
  for (const [j, character] of right.entries()) {
    const list = places.get(character);
    if (list === undefined) places.set(character, [j]);
    else list.push(j);
  }
  if (right.length >= 200) {
    const often = Math.floor(right.length / 100) + 1;
    for (const [character, list] of places) if (list.length > often) places.delete(character);
  }

  const longest = (aFrom: number, aTo: number, bFrom: number, bTo: number): Match => {
    let best: Match = { a: aFrom, b: bFrom, size: 0 };
    let endingAt = new Map<number, number>();
    for (let i = aFrom; i < aTo; i++) {
      const next = new Map<number, number>();
      for (const j of places.get(left[i]!) ?? []) {
        if (j < bFrom) continue;
        if (j >= bTo) break;
        const size = (endingAt.get(j - 1) ?? 0) + 1;
        next.set(j, size);
        if (size > best.size) best = { a: i - size + 1, b: j - size + 1, size };
      }
      endingAt = next;
    }
    let { a: aStart, b: bStart, size } = best;
    while (aStart > aFrom && bStart > bFrom && left[aStart - 1] === right[bStart - 1]) {
      aStart -= 1;
      bStart -= 1;
      size += 1;
    }
    while (
      aStart + size < aTo &&
      bStart + size < bTo &&
      left[aStart + size] === right[bStart + size]
    )
      size += 1;
    return { a: aStart, b: bStart, size };
  };

  let matched = 0;
  const open: (readonly [number, number, number, number])[] = [[0, left.length, 0, right.length]];
  for (let region = open.pop(); region !== undefined; region = open.pop()) {
    const [aFrom, aTo, bFrom, bTo] = region;
    const found = longest(aFrom, aTo, bFrom, bTo);
    if (found.size === 0) continue;
    matched += found.size;
    open.push([aFrom, found.a, bFrom, found.b]);
    open.push([found.a + found.size, aTo, found.b + found.size, bTo]);
  }
  return (2 * matched) / total;
}
