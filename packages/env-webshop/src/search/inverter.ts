import { growing } from '../growing.js';
import { encodePostings, mostBytes } from './postings.js';

/** Some products' postings, sorted by term: the terms in ascending order and for each the bytes of its postings. */
export interface SortedPostings {
  readonly terms: readonly string[];
  /** All postings, as encodePostings writes them, one term behind the other. */
  readonly bytes: Uint8Array;
  /** Where those of each term begin, and where the last end. */
  readonly starts: Float64Array;
}

/** Turns products with terms into terms with products. */
export interface Inverter {
  /** How many postings are held. */
  readonly count: () => number;
  /** Adds the terms of the product at a place; places ascend. */
  readonly add: (place: number, terms: readonly string[]) => void;
  /** What was added since the last call, and forgets it. */
  readonly take: () => SortedPostings;
}

/** More often than this a term counts as often as this. */
const MOST_FREQUENT = 0xffff;

/** An inverter that holds nothing yet. Ten bytes a posting. */
export function inverter(): Inverter {
  let numbers = new Map<string, number>();
  /** Of each term, its last posting. */
  let lastOf: number[] = [];
  const termOf = growing((length) => new Uint32Array(length));
  const placeOf = growing((length) => new Uint32Array(length));
  const frequencyOf = growing((length) => new Uint16Array(length));

  const add = (place: number, terms: readonly string[]): void => {
    const first = termOf.length();
    for (const term of terms) {
      let number = numbers.get(term);
      if (number === undefined) {
        number = numbers.size;
        numbers.set(term, number);
        lastOf.push(-1);
      }
      const last = lastOf[number]!;
      if (last >= first) {
        frequencyOf.set(last, Math.min(frequencyOf.get(last) + 1, MOST_FREQUENT));
        continue;
      }
      lastOf[number] = termOf.length();
      termOf.push(number);
      placeOf.push(place);
      frequencyOf.push(1);
    }
  };

  const take = (): SortedPostings => {
    const terms = [...numbers.keys()].sort();
    const rankOf = new Uint32Array(terms.length);
    for (const [rank, term] of terms.entries()) rankOf[numbers.get(term)!] = rank;
    const [held, heldPlaces, heldFrequencies] = [
      termOf.values(),
      placeOf.values(),
      frequencyOf.values(),
    ];
    // Counting sort by rank; places stay in order.
    const ends = new Uint32Array(terms.length + 1);
    for (const number of held) ends[rankOf[number]! + 1]!++;
    for (let rank = 0; rank < terms.length; rank++) ends[rank + 1]! += ends[rank]!;
    const begins = ends.slice();
    const places = new Uint32Array(held.length);
    const frequencies = new Uint16Array(held.length);
    for (const [i, number] of held.entries()) {
      const to = begins[rankOf[number]!]!++;
      places[to] = heldPlaces[i]!;
      frequencies[to] = heldFrequencies[i]!;
    }
    const bytes = growing((length) => new Uint8Array(length));
    const starts = new Float64Array(terms.length + 1);
    for (let rank = 0; rank < terms.length; rank++) {
      const [from, to] = [ends[rank]!, ends[rank + 1]!];
      const part = {
        places: places.subarray(from, to),
        frequencies: frequencies.subarray(from, to),
      };
      bytes.extend(mostBytes(to - from), (room) => encodePostings(part, to - from, room));
      starts[rank + 1] = bytes.length();
    }
    numbers = new Map();
    lastOf = [];
    for (const list of [termOf, placeOf, frequencyOf]) list.clear();
    return { terms, bytes: bytes.values().slice(), starts };
  };

  return { count: termOf.length, add, take };
}
