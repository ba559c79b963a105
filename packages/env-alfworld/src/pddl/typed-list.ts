import { pddlError, type SExpression } from './s-expression.js';

/** A name with its type. */
export interface TypedName {
  readonly name: string;
  readonly type: string;
}

/** The type that every object has. */
export const ROOT_TYPE = 'object';

/**
 * Reads `a b - t c - u d`: each name gets the type that follows the next `-`, names after the last one get {@link ROOT_TYPE}.
 * A type is whatever token stands there, declared or not.
 */
export function parseTypedList(list: readonly SExpression[], what: string): readonly TypedName[] {
  const names: TypedName[] = [];
  let waiting: string[] = [];
  for (let i = 0; i < list.length; i++) {
    const item = list[i]!;
    if (typeof item !== 'string') throw pddlError(what, 'expected a name in a typed list', item);
    if (item !== '-') {
      waiting.push(item);
      continue;
    }
    const type = list[++i];
    if (typeof type !== 'string') throw pddlError(what, 'expected a type after "-"', list);
    for (const name of waiting) names.push({ name, type });
    waiting = [];
  }
  for (const name of waiting) names.push({ name, type: ROOT_TYPE });
  return names;
}
