import {
  canonicalJson,
  hashText,
  InvalidInputError,
  parseInput,
  type TextConstraint,
} from '@spark-rl/core';

import { automatonBuilder, type AutomatonBuilder, type ByteAutomaton } from './byte-automaton.js';
import { codePointsOf } from './code-points.js';
import { addFreeText } from './free-text.js';
import { languageSchema, type Language } from './language.js';

function add(builder: AutomatonBuilder, from: number, to: number, language: Language): void {
  if (typeof language === 'string') {
    builder.addText(from, to, language);
  } else if ('oneOf' in language) {
    for (const option of language.oneOf) add(builder, from, to, option);
  } else if ('sequence' in language) {
    let at = from;
    for (const part of language.sequence) {
      const next = builder.state();
      add(builder, at, next, part);
      at = next;
    }
    builder.link(at, to);
  } else if ('repeat' in language) {
    const { repeat, min = 0, max = Infinity } = language;
    let at = from;
    const once = (): void => {
      const next = builder.state();
      add(builder, at, next, repeat);
      at = next;
    };
    for (let i = 0; i < min; i++) once();
    if (max === Infinity) {
      // A state of its own: the loop must not lead back into what came before.
      const loop = builder.state();
      builder.link(at, loop);
      add(builder, loop, loop, repeat);
      at = loop;
    } else {
      for (let i = min; i < max; i++) {
        builder.link(at, to);
        once();
      }
    }
    builder.link(at, to);
  } else if ('characters' in language) {
    builder.addCharacter(from, to, codePointsOf(language.characters));
  } else {
    addFreeText(builder, from, to, language.freeText);
  }
}

/** The states that are reached without reading, and that read or accept, in ascending order. */
function closure({ free, edges, accept }: ByteAutomaton, states: Iterable<number>): number[] {
  const found = new Set(states);
  const pending = [...found];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    for (const to of free[at]!) {
      if (found.has(to)) continue;
      found.add(to);
      pending.push(to);
    }
  }
  return [...found]
    .filter((state) => state === accept || edges[state]!.length > 0)
    .sort((a, b) => a - b);
}

const UNKNOWN = -2;

/** Makes an automaton deterministic (Rabin & Scott 1959), state by state as they are asked for. */
function deterministic(automaton: ByteAutomaton): Omit<TextConstraint, 'id'> {
  const sets: number[][] = [];
  const tables: Int32Array[] = [];
  const numbers = new Map<string, number>();
  const number = (set: number[]): number => {
    if (set.length === 0) return -1;
    const name = set.join();
    const known = numbers.get(name);
    if (known !== undefined) return known;
    numbers.set(name, sets.length);
    tables.push(new Int32Array(256).fill(UNKNOWN));
    return sets.push(set) - 1;
  };
  const step = (state: number, byte: number): number => {
    const reached = new Set<number>();
    for (const member of sets[state]!)
      for (const { low, high, to } of automaton.edges[member]!)
        if (low <= byte && byte <= high) reached.add(to);
    return number(closure(automaton, reached));
  };
  return {
    start: number(closure(automaton, [automaton.start])),
    next: (state, byte) => {
      const table = tables[state]!;
      if (table[byte] === UNKNOWN) table[byte] = step(state, byte);
      return table[byte]!;
    },
    accepts: (state) => sets[state]!.includes(automaton.accept),
  };
}

/**
 * The texts of a language, to hold responses to. It works on the bytes of UTF-8, so it does not matter where tokens begin and end.
 *
 * @param language - see {@link Language}
 * @param options - `id` names it in records; by default it follows from the language
 * @throws InvalidInputError when it is not a language, or has no text at all
 */
export function textConstraint(
  language: Language,
  options: { readonly id?: string } = {},
): TextConstraint {
  const checked = parseInput(languageSchema, language, 'language of textConstraint');
  const builder = automatonBuilder();
  const [start, accept] = [builder.state(), builder.state()];
  add(builder, start, accept, checked);
  const automaton = builder.build(start, accept);
  if (automaton === null) {
    throw new InvalidInputError('the language has no text', {
      field: 'language',
      value: language,
      remedy: 'Allow at least one character where it asks for one',
    });
  }
  const id = options.id ?? `text:${hashText(canonicalJson(checked)).slice(0, 16)}`;
  return { id, ...deterministic(automaton) };
}
