import type { TreeCard } from '../../shared/views.js';

/** Which trees are wanted. */
export const TREE_FILTERS = [
  ['all', 'all'],
  ['mixed', 'some succeed'],
  ['success', 'all succeed'],
  ['none', 'none succeeds'],
  ['forked', 'forked'],
  ['invalid', 'invalid turns'],
  ['damaged', 'damaged'],
] as const;
export type TreeFilter = (typeof TREE_FILTERS)[number][0];

/** What trees are ordered by. */
export const TREE_ORDERS = [
  ['file', 'their order'],
  ['success', 'success'],
  ['forks', 'forks'],
  ['turns', 'turns'],
  ['tokens', 'tokens'],
] as const;
export type TreeOrder = (typeof TREE_ORDERS)[number][0];

const KEEPS: Readonly<Record<TreeFilter, (tree: TreeCard) => boolean>> = {
  all: () => true,
  mixed: ({ outcomes: { success, failure, truncated } }) => success > 0 && failure + truncated > 0,
  success: ({ outcomes: { success, failure, truncated } }) =>
    success > 0 && failure + truncated === 0,
  none: ({ outcomes: { success }, finished }) => finished && success === 0,
  forked: ({ forks }) => forks > 0,
  invalid: ({ invalid }) => invalid > 0,
  damaged: ({ problems }) => problems.length > 0,
};

const successShare = ({ outcomes: { success, failure, truncated } }: TreeCard): number =>
  success / Math.max(1, success + failure + truncated);

const BY: Readonly<Record<TreeOrder, (a: TreeCard, b: TreeCard) => number>> = {
  file: (a, b) => a.file.localeCompare(b.file, 'en', { numeric: true }),
  success: (a, b) => successShare(b) - successShare(a),
  forks: (a, b) => b.forks - a.forks,
  turns: (a, b) => b.turns - a.turns,
  tokens: (a, b) => b.tokens - a.tokens,
};

/** The trees that are wanted, in the order that is wanted. All words of the search must be found in a tree's task. */
export function chooseTrees(
  trees: readonly TreeCard[],
  search: string,
  filter: TreeFilter,
  order: TreeOrder,
): readonly TreeCard[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return trees
    .filter((tree) => {
      const text = `${tree.task} ${tree.kind ?? ''} ${tree.instruction}`.toLowerCase();
      return KEEPS[filter](tree) && words.every((word) => text.includes(word));
    })
    .sort(BY[order]);
}
