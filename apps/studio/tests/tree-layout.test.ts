import { leafStatistics } from '@spark-rl/advantage-normalization';
import fc from 'fast-check';

import { treeView } from '../src/server/tree-view.js';
import type { TreeView } from '../src/shared/views.js';
import { DENSITIES, densityOf, fittingDensity } from '../src/web/tree/density.js';
import { nextMatch, turnAfterKey } from '../src/web/tree/tree-keys.js';
import { layOut } from '../src/web/tree/tree-layout.js';
import { matchingTurns } from '../src/web/tree/turn-filters.js';
import { fateOf, turnInWords } from '../src/web/tree/turn-words.js';
import { visiblePart } from '../src/web/tree/visible-part.js';
import { treeOf, type FixtureTree } from './fixture.js';

function viewOf(fixture: FixtureTree): TreeView {
  const tree = treeOf('one', fixture);
  const credits = leafStatistics().estimate([tree]);
  return treeView(
    { tree, finished: true, problems: [] },
    { run: 'one', set: 'step-0001', file: 'one.jsonl' },
    new Map(credits.map(({ node, copies }) => [node, copies])),
    { estimator: null, note: '' },
  );
}
const SMALL: FixtureTree = { roots: 2, depth: 3, forks: [0], invalid: '1.0', limit: 4 };

it('places every turn in the column of its index, right of its parent, none on another', () => {
  const view = viewOf({ roots: 5, depth: 12, forks: [1, 4, 7] });
  for (const density of DENSITIES) {
    const layout = layOut(view, density);
    expect(layout.turns).toHaveLength(view.turns.length);
    for (const column of layout.columns) {
      expect(new Set(column.map(({ x }) => x)).size).toBe(1);
      for (const [index, { y }] of column.slice(1).entries())
        expect(y - column[index]!.y).toBeGreaterThanOrEqual(density.rowHeight - 1e-6);
    }
    for (const { from, to } of layout.links) expect(to.x).toBeGreaterThan(from.x);
    const ys = layout.turns.map(({ y }) => y);
    expect(Math.min(...ys)).toBeGreaterThanOrEqual(density.nodeHeight / 2);
    expect(Math.max(...ys)).toBeLessThanOrEqual(layout.height - density.nodeHeight / 2);
  }
});

it('draws what is seen and the selected turn, not the rest', () => {
  const view = viewOf({ roots: 20, depth: 30, forks: [3, 7], limit: 80 });
  expect(view.turns.length).toBe(20 * (4 + 2 * 4 + 4 * 22));
  const density = densityOf('dots');
  const layout = layOut(view, density);
  const viewport = { left: 0, top: 0, width: 600, height: 300 };
  const last = view.turns.at(-1)!.id;
  const { turns, links } = visiblePart(layout, density, viewport, last);
  expect(turns.length).toBeLessThan(view.turns.length / 2);
  expect(turns.some(({ turn }) => turn.id === last)).toBe(true);
  const inside = layout.turns.filter(({ x, y }) => x <= 600 && y <= 300);
  for (const placed of inside) expect(turns).toContain(placed);
  for (const { to } of links.slice(0, 5))
    expect(to.y).toBeLessThanOrEqual(300 + 240 + layout.height);
});

describe('keys', () => {
  it('go along the tree', () => {
    const view = viewOf(SMALL);
    const layout = layOut(view, densityOf('cards'));
    const go = (from: string | null, key: string, shift = false): string | undefined =>
      turnAfterKey(layout, from, key, shift)?.turn.id;
    expect(go(null, 'ArrowDown')).toBe('0');
    expect(go('0', 'ArrowRight')).toBe('0.0');
    expect(go('0.0', 'ArrowLeft')).toBe('0');
    expect(go('0', 'ArrowLeft')).toBeUndefined();
    expect(go('0.1', 'ArrowDown')).toBe('1.0');
    expect(go('1.0', 'ArrowUp')).toBe('0.1');
    expect(go('0.0', ']')).toBe('0.1');
    expect(go('0.1', '[')).toBe('0.0');
    expect(go('0.1', ']')).toBeUndefined();
    expect(go('0', 'End')).toBe('0.0.0');
    expect(go('1.1.0', 'Home')).toBe('0');
    expect(go('0', 'f')).toBe('1');
    expect(go('0', 'F', true)).toBe('1');
    expect(go('1', 'f')).toBe('0');
    expect(go('0', 'i')).toBe('1.0');
    expect(go('0', 'w')).toBe('0.0.0');
    expect(go('0.0.0', 'w')).toBe('1.0.0');
    expect(go('0', 'q')).toBeUndefined();
  });

  it('reach every turn from every turn', () => {
    const view = viewOf(SMALL);
    const layout = layOut(view, densityOf('cards'));
    fc.assert(
      fc.property(fc.constantFrom(...view.turns), ({ id }) => {
        const seen = new Set([id]);
        for (let at = id; seen.size <= view.turns.length;) {
          at = nextMatch(layout.turns, at, () => true)!.turn.id;
          if (seen.has(at)) break;
          seen.add(at);
        }
        expect(seen.size).toBe(view.turns.length);
      }),
    );
    expect(nextMatch(layout.turns, '0', () => false)).toBeUndefined();
  });
});

describe('filters', () => {
  it('choose turns by what they are', () => {
    const { turns } = viewOf(SMALL);
    const ids = (
      filter: Parameters<typeof matchingTurns>[2],
      search = '',
    ): string[] | undefined => {
      const found = matchingTurns(turns, search, filter);
      return found && [...found];
    };
    expect(ids('all')).toBeUndefined();
    expect(ids('fork')).toEqual(['0', '1']);
    expect(ids('explore')).toEqual(['0', '1']);
    expect(ids('invalid')).toEqual(['1.0']);
    expect(ids('shared')).toEqual(['0', '1']);
    expect(ids('success')).toEqual(['0', '0.0', '0.0.0', '1', '1.0', '1.0.0']);
    expect(ids('all', 'DOOR 2')).toEqual(['0.0.0', '0.1.0', '1.0.0', '1.1.0']);
    expect(ids('fork', 'door 2')).toEqual([]);
    expect(ids('all', '1.0')).toEqual(['1.0']);
  });

  it('are told in words', () => {
    const { turns, leaves } = viewOf(SMALL);
    expect(turnInWords(turns[0]!, [])).toBe(
      'Turn 0: open door 0, explores, forks into 2, shared by 2 leaves, 1 success, 1 failure, advantage 0.00',
    );
    const end = turns.find(({ id }) => id === '1.1.0')!;
    expect(
      turnInWords(
        end,
        leaves.filter(({ tail }) => tail === end.id),
      ),
    ).toMatch(/^Turn 2: open door 2, advantage −0\.\d\d, ends in failure$/);
    expect(turns.map(fateOf)).toContain('mixed');
  });
});

it('chooses the largest size at which the tree is seen whole', () => {
  expect(fittingDensity(4, 3, 1200, 600)).toBe('cards');
  expect(fittingDensity(12, 6, 1200, 600)).toBe('labels');
  expect(fittingDensity(400, 60, 1200, 600)).toBe('dots');
});
