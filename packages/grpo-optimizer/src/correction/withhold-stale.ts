import type { PackableTree } from '../trainable-turns.js';
import { stalenessOf } from './staleness.js';

/** Trees without the credits of turns that are too old, and how old turns were. */
export interface FreshTrees {
  readonly trees: readonly PackableTree[];
  readonly metrics: {
    /** Credited turns left out, and their response tokens. */
    readonly withheldTurns: number;
    readonly withheldTokens: number;
    /** Versions, over all credited turns. */
    readonly meanStaleness: number;
    readonly maxStaleness: number;
  };
}

/**
 * Leaves the turns out that are more than `bound` versions older than the learner. Credits were estimated before, over all leaves, so the
 * rewards of withheld turns stay in the baselines of their groups.
 *
 * @throws InvalidInputError naming a turn whose version is no whole number, or later than the learner's
 */
export function withholdStale(
  trees: readonly PackableTree[],
  bound: number,
  version: number,
): FreshTrees {
  let [turns, sum, most, withheldTurns, withheldTokens] = [0, 0, 0, 0, 0];
  const fresh = trees.map(({ tree, credits }) => ({
    tree,
    credits: credits.filter(({ node }) => {
      const turn = tree.turns.get(node);
      // A credit that does not fit its tree is refused when it is packed.
      if (turn === undefined) return true;
      const staleness = stalenessOf(tree.id, turn, version);
      turns += 1;
      sum += staleness;
      most = Math.max(most, staleness);
      if (staleness <= bound) return true;
      withheldTurns += 1;
      withheldTokens += turn.generation.responseTokens.length;
      return false;
    }),
  }));
  const meanStaleness = turns === 0 ? 0 : sum / turns;
  return {
    trees: fresh,
    metrics: { withheldTurns, withheldTokens, meanStaleness, maxStaleness: most },
  };
}
