import { useSyncExternalStore } from 'react';

import type { TreePlace } from '../../shared/views.js';

/** Where the page stands. It is kept in the fragment, so that it works from a file, too. */
export interface Route {
  readonly parts: readonly string[];
  readonly query: URLSearchParams;
}

/** Reads a fragment such as `#/run/quickstart-1/trees?set=step-0001`. */
export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?');
  const parts = path.split('/').filter((part) => part !== '');
  return {
    parts: parts.map((part) => {
      try {
        return decodeURIComponent(part);
      } catch {
        return part;
      }
    }),
    query: new URLSearchParams(query),
  };
}

/** Writes a fragment; every part is one step of the path, whatever it holds. */
export function toHash(
  parts: readonly string[],
  query: Readonly<Record<string, string>> = {},
): string {
  const given = Object.entries(query).filter(([, value]) => value !== '');
  const text = new URLSearchParams(given).toString();
  return `#/${parts.map(encodeURIComponent).join('/')}${text === '' ? '' : `?${text}`}`;
}

export const runHash = (run: string): string => toHash(['run', run]);
export const treesHash = (run: string, set = ''): string => toHash(['run', run, 'trees'], { set });
export const treeHash = ({ run, set, file }: TreePlace, node = ''): string =>
  toHash(['tree', run, set, file], { node });
export const compareHash = (a: TreePlace, b?: TreePlace): string =>
  toHash(['compare', a.run, a.set, a.file, ...(b === undefined ? [] : [b.run, b.set, b.file])]);
/** Curves of several runs. @public */
export const curvesHash = (runs: readonly string[]): string => toHash(['curves', ...runs]);

const subscribe = (changed: () => void): (() => void) => {
  window.addEventListener('hashchange', changed);
  return () => window.removeEventListener('hashchange', changed);
};

/** The fragment; the page is drawn again when it changes. */
export const useHash = (): string => useSyncExternalStore(subscribe, () => window.location.hash);

/** Changes the query without a new step in the history, such as for a filter that is being typed. */
export function replaceQuery(changes: Readonly<Record<string, string>>): void {
  const { parts, query } = parseRoute(window.location.hash);
  const next = toHash(parts, { ...Object.fromEntries(query), ...changes });
  window.history.replaceState(null, '', next);
  window.dispatchEvent(new HashChangeEvent('hashchange'));
}
