/** A pair of adjacent symbols that becomes one. */
type Merge = readonly [string, string];

interface CountedWord {
  readonly symbols: string[];
  readonly count: number;
}

/** No symbol holds a space: the byte alphabet has another character for it. */
const pairKey = (left: string, right: string): string => `${left} ${right}`;

function changePairs(
  counts: Map<string, number>,
  places: Map<string, Set<CountedWord>>,
  word: CountedWord,
  sign: 1 | -1,
): void {
  for (let i = 0; i + 1 < word.symbols.length; i++) {
    const key = pairKey(word.symbols[i]!, word.symbols[i + 1]!);
    counts.set(key, (counts.get(key) ?? 0) + sign * word.count);
    let words = places.get(key);
    if (words === undefined) places.set(key, (words = new Set()));
    // A word stays listed after a pair has left it: looking again is cheaper than keeping the list exact.
    if (sign === 1) words.add(word);
  }
}

function mergeIn(word: CountedWord, [left, right]: Merge): void {
  const { symbols } = word;
  for (let i = 0; i + 1 < symbols.length; i++) {
    if (symbols[i] === left && symbols[i + 1] === right) symbols.splice(i, 2, left + right);
  }
}

/**
 * Learns byte-pair merges (Sennrich et al., arXiv 1508.07909): again and again the pair that occurs most often becomes one symbol, of
 * equally frequent ones the first in code-unit order, so the result depends on the counts alone. Stops early when no pair occurs twice.
 *
 * @param words - how often each word occurs, written in the byte alphabet
 * @param count - how many merges at most
 * @param known - whether a symbol is in the vocabulary already, so that merging to it would add nothing
 */
export function learnMerges(
  words: ReadonlyMap<string, number>,
  count: number,
  known: (symbol: string) => boolean,
): Merge[] {
  const pairCounts = new Map<string, number>();
  const places = new Map<string, Set<CountedWord>>();
  for (const [text, times] of words)
    changePairs(pairCounts, places, { symbols: [...text], count: times }, 1);

  const merges: Merge[] = [];
  const made = new Set<string>();
  while (merges.length < count) {
    let best = '';
    let most = 1;
    for (const [key, times] of pairCounts) {
      if (times > most || (times === most && times > 1 && key < best)) [best, most] = [key, times];
    }
    if (best === '') break;
    const merge = best.split(' ') as unknown as Merge;
    for (const word of places.get(best) ?? []) {
      changePairs(pairCounts, places, word, -1);
      mergeIn(word, merge);
      changePairs(pairCounts, places, word, 1);
    }
    pairCounts.delete(best);
    const symbol = merge[0] + merge[1];
    // Two different pairs may spell the same symbol; a vocabulary entry belongs to one merge only.
    if (made.has(symbol) || known(symbol)) continue;
    made.add(symbol);
    merges.push(merge);
  }
  return merges;
}
