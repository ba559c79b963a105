import { InvalidInputError } from '@spark-rl/core';

import type { Dim } from './ops.js';

/**
 * Arithmetic of dimensions that are not known yet. A dimension is a polynomial with integer coefficients over names; it is written in one
 * canonical way (`"batch*time"`, `"past+time"`, `"2*batch+1"`), so that equal dimensions are equal strings.
 */
type Polynomial = ReadonlyMap<string, number>;

/** Sizes of the named dimensions, such as `{ batch: 4, time: 16 }`. */
export type DimBindings = ReadonlyMap<string, number>;

const NAME = /^[A-Za-z_]\w*$/;
const CONSTANT = '';

function parse(dim: Dim): Polynomial {
  if (typeof dim === 'number') return new Map([[CONSTANT, dim]]);
  const terms = new Map<string, number>();
  for (const term of dim.split('+')) {
    let coefficient = 1;
    const names: string[] = [];
    for (const factor of term.split('*')) {
      const text = factor.trim();
      if (NAME.test(text)) names.push(text);
      else if (/^-?\d+$/.test(text)) coefficient *= Number(text);
      else {
        throw new InvalidInputError(`the dimension ${JSON.stringify(dim)} cannot be read`, {
          field: 'shape',
          value: dim,
          remedy: 'Give a whole number, or a name of letters and digits such as "batch".',
        });
      }
    }
    const key = names.sort().join('*');
    terms.set(key, (terms.get(key) ?? 0) + coefficient);
  }
  return terms;
}

function write(polynomial: Polynomial): Dim {
  const terms = [...polynomial]
    .filter(([, coefficient]) => coefficient !== 0)
    .sort(([a], [b]) => (a === CONSTANT ? 1 : b === CONSTANT ? -1 : a < b ? -1 : 1));
  if (terms.length === 0) return 0;
  const [first] = terms;
  if (terms.length === 1 && first?.[0] === CONSTANT) return first[1];
  return terms
    .map(([key, coefficient]) =>
      key === CONSTANT
        ? String(coefficient)
        : coefficient === 1
          ? key
          : `${String(coefficient)}*${key}`,
    )
    .join('+');
}

/** The canonical form of a dimension: `"time*batch"` becomes `"batch*time"`. */
export function canonicalDim(dim: Dim): Dim {
  return typeof dim === 'number' ? dim : write(parse(dim));
}

/** The sum of dimensions. */
export function addDims(dims: readonly Dim[]): Dim {
  const sum = new Map<string, number>();
  for (const dim of dims) {
    for (const [key, coefficient] of parse(dim)) sum.set(key, (sum.get(key) ?? 0) + coefficient);
  }
  return write(sum);
}

/** The difference of two dimensions. */
export function subtractDims(a: Dim, b: Dim): Dim {
  return addDims([a, multiplyDims([-1, b])]);
}

/** The product of dimensions; 1 for none. */
export function multiplyDims(dims: readonly Dim[]): Dim {
  let product: Polynomial = new Map([[CONSTANT, 1]]);
  for (const dim of dims) {
    const next = new Map<string, number>();
    for (const [key, coefficient] of parse(dim)) {
      for (const [other, factor] of product) {
        const names = [...key.split('*'), ...other.split('*')].filter((name) => name !== '');
        const merged = names.sort().join('*');
        next.set(merged, (next.get(merged) ?? 0) + coefficient * factor);
      }
    }
    product = next;
  }
  return write(product);
}

/** The exact quotient of two products of dimensions, or undefined where it is not a dimension. */
export function divideDims(
  numerators: readonly Dim[],
  denominators: readonly Dim[],
): Dim | undefined {
  const above = numerators.map(canonicalDim);
  const below: Dim[] = [];
  for (const dim of denominators.map(canonicalDim)) {
    const at = above.indexOf(dim);
    if (at >= 0) above.splice(at, 1);
    else below.push(dim);
  }
  const divisor = [...parse(multiplyDims(below))];
  const [term] = divisor;
  if (term === undefined || divisor.length > 1 || term[1] === 0) return undefined;
  const quotient = new Map<string, number>();
  for (const [key, coefficient] of parse(multiplyDims(above))) {
    const names = key.split('*');
    for (const name of term[0] === CONSTANT ? [] : term[0].split('*')) {
      const at = names.indexOf(name);
      if (at < 0) return coefficient === 0 ? 0 : undefined;
      names.splice(at, 1);
    }
    if (coefficient % term[1] !== 0) return undefined;
    quotient.set(names.join('*'), coefficient / term[1]);
  }
  return write(quotient);
}

/** A product of names with a number before it. */
interface Term {
  readonly coefficient: number;
  readonly names: readonly string[];
}

/** Programs write few different dimensions, and every run evaluates them. */
const knownTerms = new Map<Dim, readonly Term[]>();
const MOST_KNOWN_TERMS = 1000;

/** A dimension as a sum of products, for code that has to compute it: `[{ coefficient, names }]`. */
export function termsOfDim(dim: Dim): readonly Term[] {
  const known = knownTerms.get(dim);
  if (known !== undefined) return known;
  const terms = [...parse(dim)].map(([key, coefficient]) => ({
    coefficient,
    names: key === CONSTANT ? [] : key.split('*'),
  }));
  if (knownTerms.size < MOST_KNOWN_TERMS) knownTerms.set(dim, terms);
  return terms;
}

/** The size of a dimension when the names have sizes. Throws an InvalidInputError naming the name that has none. */
export function evaluateDim(dim: Dim, bindings: DimBindings): number {
  if (typeof dim === 'number') return dim;
  let total = 0;
  for (const { coefficient, names } of termsOfDim(dim)) {
    let product = coefficient;
    for (const name of names) {
      const size = bindings.get(name);
      if (size === undefined) {
        throw new InvalidInputError(
          `the size of the dimension ${JSON.stringify(name)} is not known`,
          {
            field: name,
            remedy: 'Give the program an input that has this dimension as an axis of its own.',
          },
        );
      }
      product *= size;
    }
    total += product;
  }
  return total;
}
