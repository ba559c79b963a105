import { canonicalJson } from '@spark-rl/core';

/** How the cases of one group came out. */
export interface GroupReport {
  readonly group: string;
  readonly passed: number;
  readonly failed: number;
  /** The first case that failed: which one, what was expected, what came. */
  readonly first?: string;
}

/** One case: what it is, and what is expected and found. */
export interface Case {
  readonly name: string;
  readonly expected: unknown;
  readonly found: unknown;
}

const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 400 ? `${text.slice(0, 397)}...` : text;
};

/** Where two texts part, with what stands around it: long texts would hide the difference. */
function difference(expected: string, found: string): string {
  let at = 0;
  while (at < expected.length && expected[at] === found[at]) at++;
  const around = (text: string): string =>
    JSON.stringify(text.slice(Math.max(0, at - 30), at + 60));
  return `from character ${at} expected ${around(expected)}, found ${around(found)}`;
}

function failure({ name, expected, found }: Case): string {
  const texts = typeof expected === 'string' && typeof found === 'string';
  return `${name}: ${texts ? difference(expected, found) : `expected ${shown(expected)}, found ${shown(found)}`}`;
}

const isEqual = ({ expected, found }: Case): boolean =>
  (expected === undefined) === (found === undefined) &&
  (expected === undefined || canonicalJson(expected) === canonicalJson(found));

/** Counts the cases whose values agree as JSON. */
export function reportGroup(group: string, cases: Iterable<Case>): GroupReport {
  let [passed, failed] = [0, 0];
  let first: string | undefined;
  for (const each of cases) {
    if (isEqual(each)) passed++;
    else {
      failed++;
      first ??= failure(each);
    }
  }
  return { group, passed, failed, ...(first === undefined ? {} : { first }) };
}
