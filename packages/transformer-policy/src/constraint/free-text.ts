import type { AutomatonBuilder } from './byte-automaton.js';
import {
  ANY,
  codePointsOf,
  complement,
  contains,
  intersection,
  type CodePoints,
} from './code-points.js';
import type { FreeText } from './language.js';

/** A node of the trie of forbidden strings: a text that ends with a beginning of one of them. */
interface Beginning {
  readonly next: Map<number, Beginning>;
  /** The longest proper end of this text that is a beginning too. */
  shorter: Beginning | null;
  /** Whether the text ends with a whole forbidden string. */
  forbidden: boolean;
}

/** The automaton of Aho & Corasick (1975): its nodes, the root first. */
function beginnings(strings: readonly string[]): Beginning[] {
  const node = (): Beginning => ({ next: new Map(), shorter: null, forbidden: false });
  const nodes = [node()];
  for (const string of strings) {
    let at = nodes[0]!;
    for (const character of string) {
      const code = character.codePointAt(0)!;
      let next = at.next.get(code);
      if (next === undefined) nodes.push((next = node()));
      at.next.set(code, next);
      at = next;
    }
    at.forbidden = true;
  }
  // Breadth first: what is shorter is known before what is longer.
  const queue = [nodes[0]!];
  for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
    for (const [code, next] of at.next) {
      next.shorter = at.shorter === null ? nodes[0]! : follow(at.shorter, code, nodes[0]!);
      next.forbidden ||= next.shorter.forbidden;
      queue.push(next);
    }
  }
  return nodes;
}

/** Where a character leads. */
function follow(from: Beginning, code: number, root: Beginning): Beginning {
  for (let at: Beginning | null = from; at !== null; at = at.shorter) {
    const next = at.next.get(code);
    if (next !== undefined) return next;
  }
  return root;
}

/**
 * Adds the texts that hold none of the forbidden strings, from one state to another. Each state knows which forbidden string may have
 * begun, and whether something else than white space was there.
 */
export function addFreeText(
  builder: AutomatonBuilder,
  from: number,
  to: number,
  { without = [], nonBlank = false, characters }: FreeText,
): void {
  const points = characters === undefined ? ANY : codePointsOf(characters);
  const blank = nonBlank ? codePointsOf('\\s') : [];
  const nodes = beginnings(without).filter(({ forbidden }) => !forbidden);
  const root = nodes[0]!;
  const special = [...new Set(without.flatMap((text) => Array.from(text)))].map((character) =>
    character.codePointAt(0)!,
  );
  const plain = intersection(
    points,
    complement(special.sort((a, b) => a - b).map((code) => ({ low: code, high: code }))),
  );

  // By node: before and after something that is not white space. Without `nonBlank` nobody asks, and only "after" is used.
  const before = new Map(nodes.map((node) => [node, nonBlank ? builder.state() : -1]));
  const after = new Map(nodes.map((node) => [node, builder.state()]));
  builder.link(from, (nonBlank ? before : after).get(root)!);

  /** Characters that begin no forbidden string lead to the root from everywhere: one way in for all. */
  const door = (target: number, points: CodePoints): number => {
    const state = builder.state();
    builder.addCharacter(state, target, points);
    return state;
  };
  const plainDoor = door(after.get(root)!, plain);
  const notBlankDoor = nonBlank
    ? door(after.get(root)!, intersection(plain, complement(blank)))
    : -1;
  const blankDoor = nonBlank ? door(before.get(root)!, intersection(plain, blank)) : -1;
  for (const node of nodes) {
    builder.link(after.get(node)!, plainDoor);
    builder.link(after.get(node)!, to);
    if (nonBlank) {
      builder.link(before.get(node)!, notBlankDoor);
      builder.link(before.get(node)!, blankDoor);
    }
    for (const code of special) {
      const target = follow(node, code, root);
      if (target.forbidden || !contains(points, code)) continue;
      const character = String.fromCodePoint(code);
      builder.addText(after.get(node)!, after.get(target)!, character);
      if (nonBlank) {
        const reached = contains(blank, code) ? before : after;
        builder.addText(before.get(node)!, reached.get(target)!, character);
      }
    }
  }
}
