import {
  InvalidInputError,
  throwIfAborted,
  type CallOptions,
  type NodeId,
  type Scorer,
  type Tree,
  type TreeId,
  type TurnScores,
} from '@spark-rl/core';

/**
 * Asks a scorer about trees, all at once, and collects what it said for the estimators.
 *
 * @throws InvalidInputError naming the tree or node when two trees share an id, a score is not finite or is of a turn that is not there
 */
export async function scoreTrees(
  scorer: Scorer,
  trees: readonly Tree[],
  options: CallOptions = {},
): Promise<TurnScores> {
  throwIfAborted(options.signal);
  const scores = new Map<TreeId, ReadonlyMap<NodeId, number>>();
  const answers = await Promise.all(trees.map(async (tree) => scorer.score(tree, options)));
  for (const [i, tree] of trees.entries()) {
    if (scores.has(tree.id)) {
      throw new InvalidInputError(`tree ${tree.id} is given twice`, {
        field: 'trees',
        value: tree.id,
        remedy: 'Give every tree once, each under an id of its own.',
      });
    }
    for (const [node, score] of answers[i]!) {
      const known = tree.turns.has(node);
      if (known && Number.isFinite(score)) continue;
      throw new InvalidInputError(
        known
          ? `scorer ${scorer.id} rated turn ${node} of tree ${tree.id} with ${score}`
          : `scorer ${scorer.id} rated turn ${node}, which is not in tree ${tree.id}`,
        {
          field: 'scores',
          value: known ? score : node,
          remedy: 'Rate turns of the tree with finite numbers.',
        },
      );
    }
    scores.set(tree.id, answers[i]!);
  }
  return scores;
}
