import type { NodeId } from './ids.js';
import { childrenOf, leavesBelow, type Leaf, type Tree, type Turn } from './tree.js';

/** Two turns that answer the same situation, and which of them led further. */
export interface SiblingPair {
  /** The turn that both follow; null where both are roots. */
  readonly fork: NodeId | null;
  readonly winner: NodeId;
  readonly loser: NodeId;
  /** The mean value of the leaves below the winner. */
  readonly winnerValue: number;
  readonly loserValue: number;
}

/** Which siblings are compared, and how. */
export interface SiblingPairOptions {
  /** What a leaf is worth. Default: 1 for success, 0 for any other end. */
  readonly value?: (leaf: Leaf) => number;
  /** By how much the winner must be better; more than 0 is always asked. Default 0. */
  readonly margin?: number;
  /** `extremes`: the best against the worst of a fork; `all`: every two that differ enough. Default `extremes`. */
  readonly pairs?: 'extremes' | 'all';
  /** Whether roots are siblings, too: they answer the same initial state. Default true. */
  readonly roots?: boolean;
}

const success = (leaf: Leaf): number => (leaf.outcome === 'success' ? 1 : 0);

/**
 * Preferences that a tree holds: the children of a fork start from the same state with the same prompt, so what their leaves come to
 * compares their responses and nothing else. A turn is worth the mean of the completed leaves below it; turns without any are left
 * out, copies of leaves do not count, and siblings that say the same are no pair. In the order of the tree.
 */
export function siblingPairs(
  tree: Pick<Tree, 'turns' | 'leaves'>,
  options: SiblingPairOptions = {},
): readonly SiblingPair[] {
  const { value = success, margin = 0, pairs = 'extremes', roots = true } = options;
  const below = leavesBelow(tree);
  const valued = (turn: Turn): readonly { readonly turn: Turn; readonly worth: number }[] => {
    const own = below.get(turn.id)!.filter((leaf) => leaf.copy === undefined);
    if (own.length === 0) return [];
    return [{ turn, worth: own.reduce((sum, leaf) => sum + value(leaf), 0) / own.length }];
  };
  const pairsOf = (parent: Turn | null): SiblingPair[] => {
    // Best first; equal ones stay in the order of the tree.
    const ranked = childrenOf(tree, parent)
      .flatMap(valued)
      .sort((a, b) => b.worth - a.worth);
    const found = ranked.flatMap((better, i) =>
      ranked.slice(i + 1).flatMap((worse): SiblingPair[] => {
        const gap = better.worth - worse.worth;
        if (gap <= 0 || gap < margin) return [];
        if (better.turn.generation.text === worse.turn.generation.text) return [];
        return [
          {
            fork: parent?.id ?? null,
            winner: better.turn.id,
            loser: worse.turn.id,
            winnerValue: better.worth,
            loserValue: worse.worth,
          },
        ];
      }),
    );
    if (pairs === 'all') return found;
    const widest = found.reduce<SiblingPair | undefined>(
      (best, each) =>
        best === undefined ||
        each.winnerValue - each.loserValue > best.winnerValue - best.loserValue
          ? each
          : best,
      undefined,
    );
    return widest === undefined ? [] : [widest];
  };
  return [...(roots ? [null] : []), ...tree.turns.values()].flatMap(pairsOf);
}
