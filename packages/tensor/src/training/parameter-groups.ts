import { InvalidInputError } from '@spark-rl/core';

import type { ParameterGroup } from '../engine.js';

const matches = (pattern: string, name: string): boolean => {
  const [first = '', ...parts] = pattern.split('*');
  const last = parts.pop();
  if (last === undefined) return pattern === name;
  if (!name.startsWith(first)) return false;
  let at = first.length;
  for (const part of parts) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return name.length - last.length >= at && name.endsWith(last);
};

/**
 * The group of each parameter that has one: the first that names it.
 *
 * @throws InvalidInputError when a pattern names no parameter: a group that is silently empty trains what it was to spare
 */
export function groupsByParameter(
  groups: readonly ParameterGroup[],
  names: readonly string[],
): ReadonlyMap<string, ParameterGroup> {
  const byName = new Map<string, ParameterGroup>();
  for (const group of groups) {
    for (const pattern of group.parameters) {
      const named = names.filter((name) => matches(pattern, name));
      if (named.length === 0) {
        throw new InvalidInputError(`no trained parameter is named ${pattern}`, {
          field: 'optimizer.groups',
          value: pattern,
          remedy: `Name some of: ${names.slice(0, 12).join(', ')}${names.length > 12 ? ', ...' : ''}.`,
        });
      }
      for (const name of named) if (!byName.has(name)) byName.set(name, group);
    }
  }
  return byName;
}
