import { InvalidInputError } from '@spark-rl/core';

/** A variable of a condition. The same name with another type is another variable. */
export interface Placeholder {
  readonly name: string;
  readonly type: string;
}

/** One predicate that must hold. `not_p` is a predicate of its own: it holds after an action has taken `p` away. */
export interface ConditionAtom {
  readonly predicate: string;
  readonly arguments: readonly Placeholder[];
}

/** Predicates that must hold together. */
export type Condition = readonly ConditionAtom[];

const atomPattern = /\s*(!?[\w/]+)\s*\(([^()]*)\)\s*(&|$)/y;
const placeholderPattern = /^\s*([\w']+)\s*(?::\s*([\w/-]+))?\s*$/;

/**
 * Parses `p(x:type, y:type) & q(x:type)`. A variable without a type has its own name for a type.
 *
 * @throws InvalidInputError quoting the condition
 */
export function parseCondition(text: string): Condition {
  const atoms: ConditionAtom[] = [];
  let position = 0;
  while (position < text.length) {
    atomPattern.lastIndex = position;
    const match = atomPattern.exec(text);
    if (match === null) throw malformed(text);
    const list = match[2]!;
    const placeholders = list.trim() === '' ? [] : list.split(',');
    atoms.push({
      predicate: predicateOf(match[1]!),
      arguments: placeholders.map((placeholder) => {
        const parts = placeholderPattern.exec(placeholder);
        if (parts === null) throw malformed(text);
        return { name: parts[1]!, type: parts[2] ?? parts[1]! };
      }),
    });
    position = atomPattern.lastIndex;
  }
  return atoms;
}

/** `!p` is another way to write `not_p`. */
function predicateOf(text: string): string {
  if (!text.startsWith('!')) return text;
  return text.startsWith('!not_') ? text.slice('!not_'.length) : `not_${text.slice(1)}`;
}

function malformed(text: string): InvalidInputError {
  return new InvalidInputError(`grammar: not a condition: ${text}`, {
    field: 'grammar',
    value: text,
    remedy: 'Write conditions as p(x:type, y:type) & q(x:type).',
  });
}
