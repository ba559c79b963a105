import { EnvironmentError } from '@spark-rl/core';

/** How texts speak of one object of a game. */
export interface Entity {
  /** The PDDL name. */
  readonly id: string;
  /** Such as `countertop 1`. */
  readonly name: string;
  readonly type: string;
}

/** The value of an expression, given the objects that its variables stand for. */
export type Expression = (entity: (variable: string) => Entity) => string;

const attributes: Record<string, (entity: Entity) => string> = {
  id: ({ id }) => id,
  name: ({ name }) => name,
  type: ({ type }) => type,
  // TextWorld gives every object of a PDDL game these articles, whatever its first letter.
  indefinite: () => 'a',
  definite: () => 'the',
};

/**
 * Parses the Python expressions that grammars use: `x`, `x.name`, string literals, `+` and `or` (which takes the first that is
 * not empty). A bare variable stands for its name.
 *
 * Anything else gives an expression that throws when it is evaluated, because files carry rules that nothing ever reaches.
 */
export function parseExpression(source: string): Expression {
  const alternatives = splitOutsideQuotes(source, /\s+or\s+/y).map((alternative) =>
    splitOutsideQuotes(alternative, /\s*\+\s*/y).map((operand) => parseOperand(operand, source)),
  );
  if (alternatives.length === 1 && alternatives[0]!.length === 1) return alternatives[0]![0]!;
  return (entity) => {
    let value = '';
    for (const operands of alternatives) {
      value = operands.map((operand) => operand(entity)).join('');
      if (value !== '') break;
    }
    return value;
  };
}

function parseOperand(text: string, whole: string): Expression {
  const trimmed = text.trim();
  const literal = /^(['"])([^'"\\]*)\1$/.exec(trimmed);
  if (literal !== null) return () => literal[2]!;
  const access = /^([A-Za-z_]\w*)(?:\.(\w+))?$/.exec(trimmed);
  const read = attributes[access?.[2] ?? 'name'];
  if (access !== null && read !== undefined) {
    const variable = access[1]!;
    return (entity) => read(entity(variable));
  }
  return () => {
    throw new EnvironmentError(`the grammar's expression {${whole}} is not supported`, {
      field: 'grammar',
      value: whole,
      remedy: 'Use only variables, .name, .id, .type, .indefinite, .definite, strings, + and or.',
    });
  };
}

function splitOutsideQuotes(text: string, separator: RegExp): readonly string[] {
  const parts: string[] = [];
  let start = 0;
  let quote: string | null = null;
  for (let i = 0; i < text.length; i++) {
    const character = text[i]!;
    if (quote !== null) {
      if (character === quote) quote = null;
      continue;
    }
    if (character === "'" || character === '"') quote = character;
    separator.lastIndex = i;
    const match = quote === null ? separator.exec(text) : null;
    if (match !== null) {
      parts.push(text.slice(start, i));
      start = i + match[0].length;
      i = start - 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}
