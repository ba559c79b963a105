import { useEffect, useId, useMemo, useRef, type KeyboardEvent } from 'react';

import type { TreeView } from '../../shared/views.js';
import { BudgetColumns } from './budget-columns.js';
import type { Density } from './density.js';
import { turnAfterKey } from './tree-keys.js';
import { layOut } from './tree-layout.js';
import { TreeLinks } from './tree-links.js';
import { TreeNode } from './tree-node.js';
import { useViewport } from './use-viewport.js';
import { visiblePart } from './visible-part.js';

const HEADER = 40;

/** The ids of a turn and all turns before it. */
export function pathIds(node: string | null): ReadonlySet<string> {
  const ids = new Set<string>();
  for (let id = node; id !== null && id !== '';) {
    ids.add(id);
    const end = id.lastIndexOf('.');
    id = end < 0 ? null : id.slice(0, end);
  }
  return ids;
}

/**
 * A tree, time to the right. Only what is seen is in the document, so that thousands of turns are as light as a few. It is one stop of
 * the Tab key; arrows go from turn to turn.
 */
export const TreeCanvas = ({
  view,
  density,
  selected,
  matches,
  until,
  onSelect,
  onKey,
}: {
  readonly view: TreeView;
  readonly density: Density;
  readonly selected: string | null;
  /** The turns that stand out; undefined when all do. */
  readonly matches: ReadonlySet<string> | undefined;
  /** Later turns are faded. */
  readonly until: number;
  readonly onSelect: (node: string) => void;
  /** Told of keys that the tree itself does not use. */
  readonly onKey?: (key: string) => void;
}) => {
  const scroller = useRef<HTMLDivElement>(null);
  const prefix = useId();
  const layout = useMemo(() => layOut(view, density), [view, density]);
  const viewport = useViewport(scroller);
  const { turns, links } = visiblePart(layout, density, viewport, selected);
  const path = useMemo(() => pathIds(selected), [selected]);
  const isFaded = (node: string): boolean =>
    matches?.has(node) === false || layout.byId.get(node)!.turn.index > until;
  const idOf = (node: string): string => `${prefix}${node}`;

  const shown = useRef({ selected: null as string | null, density: '' });
  useEffect(() => {
    const element = scroller.current;
    const placed = selected === null ? undefined : layout.byId.get(selected);
    if (element === null || placed === undefined) return;
    const before = shown.current;
    if (before.selected === selected && before.density === density.name) return;
    shown.current = { selected, density: density.name };
    const { clientWidth, clientHeight, scrollLeft, scrollTop } = element;
    const [halfWidth, halfHeight] = [density.nodeWidth / 2 + 24, density.nodeHeight / 2 + 24];
    const seen =
      placed.x - halfWidth >= scrollLeft &&
      placed.x + halfWidth <= scrollLeft + clientWidth &&
      placed.y - halfHeight >= scrollTop &&
      placed.y + halfHeight <= scrollTop + clientHeight - HEADER;
    if (!seen) element.scrollTo(placed.x - clientWidth / 2, placed.y - (clientHeight - HEADER) / 2);
  }, [layout, selected, density]);

  const handleKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const next = turnAfterKey(layout, selected, event.key, event.shiftKey);
    if (next !== undefined) {
      event.preventDefault();
      onSelect(next.turn.id);
    } else if (event.key.startsWith('Arrow')) event.preventDefault();
    else onKey?.(event.key);
  };
  return (
    <div
      ref={scroller}
      className="tree-canvas"
      role="tree"
      aria-label={`Tree of ${view.turns.length} turns`}
      aria-activedescendant={
        selected !== null && layout.byId.has(selected) ? idOf(selected) : undefined
      }
      tabIndex={0}
      onKeyDown={handleKey}
    >
      <BudgetColumns
        budget={view.budget}
        limit={view.limit}
        density={density}
        width={layout.width}
        from={viewport.left - 240}
        to={viewport.left + viewport.width + 240}
        until={until}
      />
      <div className="plane" role="none" style={{ width: layout.width, height: layout.height }}>
        <TreeLinks layout={layout} links={links} density={density} path={path} isFaded={isFaded} />
        {turns.map((placed) => (
          <TreeNode
            key={placed.turn.id}
            id={idOf(placed.turn.id)}
            placed={placed}
            density={density}
            selected={placed.turn.id === selected}
            onPath={path.has(placed.turn.id)}
            faded={isFaded(placed.turn.id)}
            onSelect={onSelect}
          />
        ))}
      </div>
    </div>
  );
};
