import { hierarchy, tree as tidyTree } from 'd3-hierarchy';

import type { LeafView, TreeView, TurnView } from '../../shared/views.js';
import type { Density } from './density.js';

/** A turn and where its middle is, in pixels from the corner of the tree. */
export interface PlacedTurn {
  readonly turn: TurnView;
  readonly x: number;
  readonly y: number;
  /** The ends of paths at this turn. */
  readonly leaves: readonly LeafView[];
}

/** A line from a turn, or from the start, to a turn. */
export interface PlacedLink {
  readonly from: { readonly x: number; readonly y: number };
  readonly to: PlacedTurn;
}

export interface TreeLayout {
  readonly width: number;
  readonly height: number;
  readonly start: { readonly x: number; readonly y: number };
  /** In the order of their paths. */
  readonly turns: readonly PlacedTurn[];
  readonly links: readonly PlacedLink[];
  readonly byId: ReadonlyMap<string, PlacedTurn>;
  readonly children: ReadonlyMap<string | null, readonly PlacedTurn[]>;
  /** Turns of each column from top to bottom. */
  readonly columns: readonly (readonly PlacedTurn[])[];
}

const PADDING = 16;
const START_WIDTH = 34;

type Datum = TurnView | null;

/** The left end of column `turn`. */
export const columnLeft = ({ columnWidth }: Density, turn: number): number =>
  PADDING + START_WIDTH + turn * columnWidth;

/**
 * Places turns: one column a turn, time to the right, siblings below one another in the order of their paths, no two overlapping
 * (the tidy tree of Reingold and Tilford, as d3-hierarchy draws it).
 */
export function layOut(view: Pick<TreeView, 'turns' | 'leaves'>, density: Density): TreeLayout {
  const offspring = new Map<string | null, TurnView[]>();
  for (const turn of view.turns) {
    const siblings = offspring.get(turn.parent);
    if (siblings === undefined) offspring.set(turn.parent, [turn]);
    else siblings.push(turn);
  }
  const leavesAt = new Map<string | null, LeafView[]>();
  for (const leaf of view.leaves)
    leavesAt.set(leaf.tail, [...(leavesAt.get(leaf.tail) ?? []), leaf]);

  const placed = tidyTree<Datum>()
    .nodeSize([density.rowHeight, density.columnWidth])
    .separation(() => 1)(hierarchy<Datum>(null, (turn) => offspring.get(turn?.id ?? null)));
  let top = 0;
  let bottom = 0;
  placed.each(({ x }) => {
    top = Math.min(top, x);
    bottom = Math.max(bottom, x);
  });
  // d3 grows trees downwards: its x is our y.
  const y = (x: number): number => x - top + PADDING + density.rowHeight / 2;
  const start = { x: PADDING + START_WIDTH / 2 - 6, y: y(placed.x) };
  const byId = new Map<string, PlacedTurn>();
  const links: PlacedLink[] = [];
  const children = new Map<string | null, PlacedTurn[]>();
  const columns: PlacedTurn[][] = [];
  // Parents come before their children.
  placed.each(({ data, x }) => {
    if (data === null) return;
    const at: PlacedTurn = {
      turn: data,
      x: columnLeft(density, data.index) + density.nodeWidth / 2,
      y: y(x),
      leaves: leavesAt.get(data.id) ?? [],
    };
    byId.set(data.id, at);
    links.push({ from: data.parent === null ? start : byId.get(data.parent)!, to: at });
    children.set(data.parent, [...(children.get(data.parent) ?? []), at]);
    (columns[data.index] ??= []).push(at);
  });
  for (const column of columns) column.sort((a, b) => a.y - b.y);
  return {
    width: columnLeft(density, columns.length) + density.leafSize * 3 + PADDING,
    height: bottom - top + density.rowHeight + 2 * PADDING,
    start,
    turns: view.turns.flatMap(({ id }) => byId.get(id) ?? []),
    links,
    byId,
    children,
    columns,
  };
}
