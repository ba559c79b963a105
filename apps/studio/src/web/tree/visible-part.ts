import type { Density } from './density.js';
import type { PlacedLink, PlacedTurn, TreeLayout } from './tree-layout.js';
import type { Viewport } from './use-viewport.js';

/** What is drawn beyond the edges, so that scrolling shows no gaps. */
const MARGIN = 240;

/** The turns and lines that are seen, and the selected turn wherever it is: it must be there for screen readers. */
export function visiblePart(
  layout: TreeLayout,
  density: Density,
  { left, top, width, height }: Viewport,
  selected: string | null,
): { readonly turns: readonly PlacedTurn[]; readonly links: readonly PlacedLink[] } {
  const [x0, x1] = [left - MARGIN - density.columnWidth, left + width + MARGIN];
  const [y0, y1] = [top - MARGIN, top + height + MARGIN];
  return {
    turns: layout.turns.filter(
      ({ x, y, turn }) => (x >= x0 && x <= x1 && y >= y0 && y <= y1) || turn.id === selected,
    ),
    links: layout.links.filter(
      ({ from, to }) =>
        to.x >= x0 && from.x <= x1 && Math.max(from.y, to.y) >= y0 && Math.min(from.y, to.y) <= y1,
    ),
  };
}
