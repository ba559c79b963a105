import { InvalidInputError } from '@spark-rl/core';

import type { CodePoints } from './code-points.js';
import { utf8Ranges } from './utf8-ranges.js';

/** More states than any sensible language has: a repetition of repetitions reaches it. */
const MOST_STATES = 300_000;

interface Edge {
  readonly low: number;
  readonly high: number;
  readonly to: number;
}

/** A nondeterministic automaton over bytes with one accepting state. */
export interface ByteAutomaton {
  readonly start: number;
  readonly accept: number;
  /** Where a state leads without reading, by state. */
  readonly free: readonly (readonly number[])[];
  readonly edges: readonly (readonly Edge[])[];
}

/** Builds an automaton state by state (Thompson 1968). */
export interface AutomatonBuilder {
  readonly state: () => number;
  readonly link: (from: number, to: number) => void;
  /** From one state to another by the UTF-8 bytes of a text. */
  readonly addText: (from: number, to: number, text: string) => void;
  /** From one state to another by one character. */
  readonly addCharacter: (from: number, to: number, points: CodePoints) => void;
  /** The automaton without the states that cannot reach `accept`; null when `start` cannot. */
  readonly build: (start: number, accept: number) => ByteAutomaton | null;
}

/** Starts an automaton without states. */
export function automatonBuilder(): AutomatonBuilder {
  const free: number[][] = [];
  const edges: Edge[][] = [];
  const encoder = new TextEncoder();

  const state = (): number => {
    if (free.length >= MOST_STATES) {
      throw new InvalidInputError(`the language takes more than ${MOST_STATES} states`, {
        field: 'language',
        remedy: 'Repeat less, or leave max away',
      });
    }
    edges.push([]);
    return free.push([]) - 1;
  };
  const addRanges = (
    from: number,
    to: number,
    ranges: readonly { readonly low: number; readonly high: number }[],
  ): void => {
    let at = from;
    ranges.forEach(({ low, high }, i) => {
      const next = i === ranges.length - 1 ? to : state();
      edges[at]!.push({ low, high, to: next });
      at = next;
    });
  };

  return {
    state,
    link: (from, to) => void free[from]!.push(to),
    addText: (from, to, text) => {
      if (text === '') free[from]!.push(to);
      const bytes = Array.from(encoder.encode(text), (byte) => ({ low: byte, high: byte }));
      addRanges(from, to, bytes);
    },
    addCharacter: (from, to, points) => {
      for (const range of points)
        for (const sequence of utf8Ranges(range)) addRanges(from, to, sequence);
    },
    build: (start, accept) => {
      const sources: number[][] = free.map(() => []);
      free.forEach((targets, from) => targets.forEach((to) => sources[to]!.push(from)));
      edges.forEach((list, from) => list.forEach(({ to }) => sources[to]!.push(from)));
      const live = new Set([accept]);
      const pending = [accept];
      for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
        for (const source of sources[at]!) {
          if (live.has(source)) continue;
          live.add(source);
          pending.push(source);
        }
      }
      if (!live.has(start)) return null;
      return {
        start,
        accept,
        free: free.map((targets) => targets.filter((to) => live.has(to))),
        edges: edges.map((list) => list.filter(({ to }) => live.has(to))),
      };
    },
  };
}
