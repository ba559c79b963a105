/** The arguments of a fact, as object numbers. Objects are numbered in the order of their names. */
export type Tuple = readonly number[];

/** Orders tuples by their first difference, so that facts come in the order of their arguments' names. */
export function compareTuples(a: Tuple, b: Tuple): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const difference = a[i]! - b[i]!;
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

const none: readonly Tuple[] = [];

/**
 * The facts of one predicate at one moment: immutable, sorted, without repetitions. Adding a fact that is there, or taking away
 * one that is not, gives the same table back, so that "nothing changed" is one comparison of references.
 */
export class FactTable {
  static readonly empty = new FactTable([]);

  readonly tuples: readonly Tuple[];
  /** For each argument position: the facts by the object that stands there. Built when first asked for. */
  private readonly indexes: (Map<number, Tuple[]> | undefined)[] = [];

  private constructor(sorted: readonly Tuple[]) {
    this.tuples = sorted;
  }

  /** A table of facts in any order, repetitions allowed. */
  static from(tuples: readonly Tuple[]): FactTable {
    if (tuples.length === 0) return FactTable.empty;
    const sorted = [...tuples].sort(compareTuples);
    return new FactTable(
      sorted.filter((tuple, i) => i === 0 || compareTuples(tuple, sorted[i - 1]!) !== 0),
    );
  }

  /** The facts that have `object` at `position`, in order. */
  matching(position: number, object: number): readonly Tuple[] {
    return this.index(position).get(object) ?? none;
  }

  /** How many different objects stand at `position`. */
  distinct(position: number): number {
    return this.index(position).size;
  }

  private index(position: number): Map<number, Tuple[]> {
    let index = this.indexes[position];
    if (index === undefined) {
      index = new Map();
      for (const tuple of this.tuples) {
        const key = tuple[position]!;
        const bucket = index.get(key);
        if (bucket === undefined) index.set(key, [tuple]);
        else bucket.push(tuple);
      }
      this.indexes[position] = index;
    }
    return index;
  }

  with(tuple: Tuple): FactTable {
    const at = this.rank(tuple);
    const found = this.tuples[at];
    if (found !== undefined && compareTuples(found, tuple) === 0) return this;
    return new FactTable([...this.tuples.slice(0, at), tuple, ...this.tuples.slice(at)]);
  }

  without(tuple: Tuple): FactTable {
    const at = this.rank(tuple);
    const found = this.tuples[at];
    if (found === undefined || compareTuples(found, tuple) !== 0) return this;
    return new FactTable([...this.tuples.slice(0, at), ...this.tuples.slice(at + 1)]);
  }

  /** How many facts come before `tuple`. */
  private rank(tuple: Tuple): number {
    let low = 0;
    let high = this.tuples.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compareTuples(this.tuples[middle]!, tuple) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** The facts of a moment: one table for each predicate number. */
export type Facts = readonly FactTable[];
