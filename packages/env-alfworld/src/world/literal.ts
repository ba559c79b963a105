import type { Atom } from '../pddl/formula.js';
import type { Tuple } from './fact-table.js';
import type { Frame, SearchCompiler } from './search.js';

/** An atom or its negation, ready to be filled in from a frame. */
export interface Literal {
  readonly predicate: string;
  readonly positive: boolean;
  readonly instance: (frame: Frame) => Tuple;
}

/** Prepares an atom of a formula, or its negation, for the frames of a compiler. */
export function compileLiteral(atom: Atom, positive: boolean, compiler: SearchCompiler): Literal {
  const places = atom.terms.map((term) => compiler.place(term));
  return {
    predicate: atom.predicate,
    positive,
    instance: (frame) => places.map((place) => (place >= 0 ? frame[place]! : ~place)),
  };
}

/** Whether two tuples are the same; an object that is not known yet is the same as nothing. */
export const isSameTuple = (a: Tuple, b: Tuple): boolean =>
  a.length === b.length && a.every((value, i) => value === b[i]);
