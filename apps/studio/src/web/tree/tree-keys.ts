import type { PlacedTurn, TreeLayout } from './tree-layout.js';

const isFork = ({ turn }: PlacedTurn): boolean => turn.grantedWidth > 1;

/** What letters look for; with Shift they look backwards. */
const LOOKED_FOR: Readonly<Record<string, (placed: PlacedTurn) => boolean>> = {
  f: isFork,
  x: ({ turn }) => turn.mode === 'explore',
  i: ({ turn }) => !turn.valid,
  w: ({ leaves }) => leaves.some(({ outcome }) => outcome === 'success'),
};

/** The next turn that fits, in the order of paths, beginning anew after the last. */
export function nextMatch(
  turns: readonly PlacedTurn[],
  from: string | null,
  fits: (placed: PlacedTurn) => boolean,
  backwards = false,
): PlacedTurn | undefined {
  const start = turns.findIndex(({ turn }) => turn.id === from);
  for (let step = 1; step <= turns.length; step++) {
    const index = (start + (backwards ? -step : step) + 2 * turns.length) % turns.length;
    const placed = turns[index]!;
    if (fits(placed)) return placed;
  }
  return undefined;
}

const deepest = (layout: TreeLayout, from: PlacedTurn): PlacedTurn => {
  let at = from;
  for (let next; (next = layout.children.get(at.turn.id)?.[0]) !== undefined;) at = next;
  return at;
};

/** The turn that a key goes to; undefined when it goes nowhere. */
export function turnAfterKey(
  layout: TreeLayout,
  selected: string | null,
  key: string,
  shift: boolean,
): PlacedTurn | undefined {
  const at = selected === null ? undefined : layout.byId.get(selected);
  const first = layout.turns[0];
  if (at === undefined) return /^(Arrow|Home|End)/.test(key) ? first : undefined;
  const siblings = layout.children.get(at.turn.parent) ?? [];
  const column = layout.columns[at.turn.index]!;
  switch (key) {
    case 'ArrowRight':
      return layout.children.get(at.turn.id)?.[0];
    case 'ArrowLeft':
      return at.turn.parent === null ? undefined : layout.byId.get(at.turn.parent);
    case 'ArrowDown':
      return column[column.indexOf(at) + 1];
    case 'ArrowUp':
      return column[column.indexOf(at) - 1];
    case ']':
      return siblings[siblings.indexOf(at) + 1];
    case '[':
      return siblings[siblings.indexOf(at) - 1];
    case 'Home':
      return first;
    case 'End':
      return deepest(layout, at);
    default: {
      const fits = LOOKED_FOR[key.toLowerCase()];
      return fits && nextMatch(layout.turns, selected, fits, shift);
    }
  }
}
