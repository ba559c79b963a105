import { count, percent } from '../../shared/format.js';
import { countOutcomes } from '../../shared/outcome-counts.js';
import type { TreeView } from '../../shared/views.js';

/** A line of the table: what is compared, and how each tree stands. */
export type FactRow = readonly [name: string, a: string, b: string];

const NUMBERS: readonly (readonly [name: string, of: (view: TreeView) => string])[] = [
  [
    'leaves that succeed',
    ({ leaves }) => {
      const { success, failed } = countOutcomes(leaves);
      return `${success} of ${leaves.length - failed}`;
    },
  ],
  [
    'leaves opened, of the budget',
    ({ budget, limit }) => `${budget.at(-1)?.opened ?? 0} of ${limit}`,
  ],
  [
    'budget full at turn',
    ({ budget, limit }) => String(budget.find(({ opened }) => opened >= limit)?.turn ?? 'never'),
  ],
  ['forks', ({ turns }) => count(turns.filter(({ grantedWidth }) => grantedWidth > 1).length)],
  ['turns', ({ turns }) => count(turns.length)],
  ['deepest turn', ({ budget }) => String(budget.length - 1)],
  [
    'turns that explore',
    ({ turns }) =>
      percent(turns.filter(({ mode }) => mode === 'explore').length / Math.max(1, turns.length)),
  ],
  ['invalid turns', ({ turns }) => count(turns.filter(({ valid }) => !valid).length)],
  ['tokens', ({ tokens }) => count(tokens)],
  [
    'tokens saved by sharing',
    ({ tokens, chainTokens }) => percent(1 - tokens / Math.max(1, chainTokens)),
  ],
];

/** Two trees in numbers. */
export const compareTrees = (a: TreeView, b: TreeView): readonly FactRow[] =>
  NUMBERS.map(([name, of]) => [name, of(a), of(b)]);

/** Settings that differ. */
export function differingSettings(a: TreeView, b: TreeView): readonly FactRow[] {
  const left = new Map(a.settings);
  const right = new Map(b.settings);
  return [...new Set([...left.keys(), ...right.keys()])]
    .filter((name) => left.get(name) !== right.get(name))
    .map((name) => [name, left.get(name) ?? '–', right.get(name) ?? '–']);
}
