import { InvalidInputError } from '@spark-rl/core';

/** A PDDL text as nested lists of lower-case tokens. */
export type SExpression = string | readonly SExpression[];

const OPEN = 40;
const CLOSE = 41;
const SEMICOLON = 59;
const QUESTION = 63;
const SPACE = 32;
const NEWLINE = 10;

/**
 * Parses one PDDL expression. PDDL is case-insensitive, so all tokens come out in lower case; `;` starts a comment that ends
 * with the line; a `?` always starts a new token. Nothing else separates tokens, so `location,` is one token.
 *
 * @param text - the PDDL text
 * @param what - what the text is, for errors
 * @throws InvalidInputError when the parentheses do not match
 */
export function parseSExpression(text: string, what: string): readonly SExpression[] {
  const source = text.toLowerCase();
  const enclosing: SExpression[][] = [];
  let list: SExpression[] = [];
  const top = list;
  let start = -1;
  for (let i = 0; i <= source.length; i++) {
    const code = i < source.length ? source.charCodeAt(i) : NEWLINE;
    const isDelimiter = code <= SPACE || code === OPEN || code === CLOSE || code === SEMICOLON;
    if (!isDelimiter && code !== QUESTION) {
      if (start < 0) start = i;
      continue;
    }
    if (start >= 0) list.push(source.slice(start, i));
    start = code === QUESTION ? i : -1;
    if (code === OPEN) {
      const inner: SExpression[] = [];
      list.push(inner);
      enclosing.push(list);
      list = inner;
    } else if (code === CLOSE) {
      const outer = enclosing.pop();
      if (outer === undefined) throw unbalanced(what, 'a ")" closes nothing', source, i);
      list = outer;
    } else if (code === SEMICOLON) {
      const end = source.indexOf('\n', i);
      i = end < 0 ? source.length : end;
    }
  }
  if (enclosing.length > 0) {
    throw unbalanced(what, `${enclosing.length} "(" never closed`, source, source.length);
  }
  const [first] = top;
  if (top.length !== 1 || first === undefined || typeof first === 'string') {
    throw unbalanced(what, 'it is not one parenthesised expression', source, 0);
  }
  return first;
}

function unbalanced(what: string, problem: string, source: string, at: number): InvalidInputError {
  const line = source.slice(0, at).split('\n').length;
  return new InvalidInputError(`${what}: ${problem} (line ${line})`, {
    field: what,
    value: source.slice(Math.max(0, at - 40), at + 40),
    remedy: 'Repair the PDDL text, or take the file from its source again.',
  });
}

/** An expression as text again, cut at 80 characters, for errors. */
export function showExpression(expression: SExpression): string {
  const text =
    typeof expression === 'string' ? expression : `(${expression.map(showExpression).join(' ')})`;
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/** An error about one expression of a PDDL text. */
export function pddlError(
  what: string,
  problem: string,
  expression: SExpression,
): InvalidInputError {
  return new InvalidInputError(`${what}: ${problem}: ${showExpression(expression)}`, {
    field: what,
    value: showExpression(expression),
    remedy: 'Repair the PDDL text; the supported subset is described in the README.',
  });
}
