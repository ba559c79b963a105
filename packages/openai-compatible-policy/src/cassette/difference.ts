import { showValue, type JsonValue } from '@spark-rl/core';

import type { CassetteEntry } from './entry.js';

/** A place where two requests differ. */
interface Difference {
  readonly at: string;
  readonly asked: string;
  readonly recorded: string;
  /** How much of what stands there differs, in (0, 1]. */
  readonly weight: number;
}

/** How many differences a message names. */
const NAMED = 4;

const isObject = (value: unknown): value is Readonly<Record<string, JsonValue>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const shown = (value: JsonValue | undefined): string =>
  value === undefined ? 'nothing' : showValue(value);

const differsAt = (a: readonly JsonValue[], b: readonly JsonValue[]): number => {
  let at = 0;
  while (at < a.length && at < b.length && showValue(a[at]) === showValue(b[at])) at++;
  return at;
};

/** Lists of numbers, such as token ids, are compared as one thing: what matters is where they part. */
function differences(
  asked: JsonValue | undefined,
  recorded: JsonValue | undefined,
  at: string,
): Difference[] {
  if (JSON.stringify(asked) === JSON.stringify(recorded)) return [];
  if (isObject(asked) && isObject(recorded)) {
    const names = [...new Set([...Object.keys(recorded), ...Object.keys(asked)])];
    return names.flatMap((name) =>
      differences(asked[name], recorded[name], at === '' ? name : `${at}.${name}`),
    );
  }
  if (Array.isArray(asked) && Array.isArray(recorded)) {
    const [a, b] = [asked as readonly JsonValue[], recorded as readonly JsonValue[]];
    if (a.some((item) => typeof item === 'number') || b.some((item) => typeof item === 'number')) {
      const first = differsAt(a, b);
      return [
        {
          at,
          asked: `${a.length} numbers, ${shown(a[first])} at ${first}`,
          recorded: `${b.length}, ${shown(b[first])} there`,
          weight: 1 - first / (Math.max(a.length, b.length) + 1),
        },
      ];
    }
    return Array.from({ length: Math.max(a.length, b.length) }).flatMap((_, i) =>
      differences(a[i], b[i], `${at}[${i}]`),
    );
  }
  return [{ at, asked: shown(asked), recorded: shown(recorded), weight: 1 }];
}

/**
 * Says what a request that is not recorded is nearest to, and where the two differ.
 *
 * @returns a sentence
 */
export function nearestRecorded(
  request: CassetteEntry['request'],
  entries: readonly CassetteEntry[],
): string {
  const same = entries.filter((entry) => entry.request.path === request.path);
  if (same.length === 0) {
    const paths = [...new Set(entries.map((entry) => entry.request.path))];
    return entries.length === 0
      ? 'it holds no calls'
      : `it holds ${entries.length} calls, of ${paths.join(', ')}, and none of ${request.path}`;
  }
  const compared = same.map((entry) => differences(request.body, entry.request.body, ''));
  const cost = (list: readonly Difference[]): number =>
    list.reduce((sum, { weight }) => sum + weight, 0);
  const nearest = compared.reduce((best, list) => (cost(list) < cost(best) ? list : best));
  const named = nearest
    .slice(0, NAMED)
    .map(({ at, asked, recorded }) => `${at} (asked ${asked}; recorded ${recorded})`);
  const more = nearest.length > NAMED ? ` and ${nearest.length - NAMED} more` : '';
  return `the nearest of its ${same.length} calls of ${request.path} differs in ${named.join(', ')}${more}`;
}
