import {
  InvalidInputError,
  type NodeId,
  type Tree,
  type Turn,
  type TurnCredit,
} from '@spark-rl/core';

/** A tree with credits; a whole tree of core, or just its turns. */
export interface PackableTree {
  readonly tree: Pick<Tree, 'id' | 'turns'>;
  readonly credits: readonly TurnCredit[];
}

/** Finite and at most 0, but for rounding. */
const isLogProb = (x: number): boolean => x > -Infinity && x < 1e-3;

/**
 * Refuses trees with tokens that the model does not know, such as those of another tokenizer: some engines would take others for them.
 *
 * @throws InvalidInputError naming the turn
 */
export function checkTokens({ tree, credits }: PackableTree, vocabularySize: number): void {
  for (const { node } of credits) {
    const generation = tree.turns.get(node)?.generation;
    // A credit that does not fit its tree is refused when it is packed.
    if (generation === undefined) continue;
    for (const tokens of [generation.promptTokens, generation.responseTokens]) {
      const unknown = tokens.find((token) => !(token >= 0 && token < vocabularySize));
      if (unknown === undefined) continue;
      throw new InvalidInputError(
        `turn ${node} of tree ${tree.id} has token ${unknown}, the model knows 0 to ${vocabularySize - 1}`,
        {
          field: 'generation',
          value: unknown,
          remedy: 'Train on turns that were sampled with the tokenizer of this model.',
        },
      );
    }
  }
}

/**
 * Refuses a turn that cannot be trained.
 *
 * @throws InvalidInputError naming the turn
 */
export function checkTurn(tree: Pick<Tree, 'id'>, { id, generation }: Turn): void {
  const { promptTokens, responseTokens, logProbs } = generation;
  if (generation.logKept !== undefined) {
    // Its log-probabilities are of a narrower distribution than the one trained: the ratio would not begin at 1.
    throw new InvalidInputError(
      `turn ${id} of tree ${tree.id} was not sampled from the whole distribution (top-k, top-p, min-p or a constraint)`,
      {
        field: 'generation.logKept',
        value: id,
        remedy:
          'Sample rollouts for training with the temperature alone; narrow the distribution for evaluation only.',
      },
    );
  }
  const problem =
    logProbs.length !== responseTokens.length
      ? `has ${responseTokens.length} response tokens and ${logProbs.length} log-probabilities`
      : promptTokens.length === 0
        ? 'has no prompt tokens, so nothing predicts its first response token'
        : !logProbs.every(isLogProb)
          ? `has the log-probability ${logProbs.find((x) => !isLogProb(x))}`
          : undefined;
  if (problem === undefined) return;
  throw new InvalidInputError(`turn ${id} of tree ${tree.id} ${problem}`, {
    field: 'generation',
    value: id,
    remedy: 'Train on turns as the policy returned them.',
  });
}

/**
 * The credits of a tree by turn.
 *
 * @throws InvalidInputError naming a turn that is credited twice, or is not in the tree
 */
export function creditsByNode({ tree, credits }: PackableTree): ReadonlyMap<NodeId, TurnCredit> {
  const byNode = new Map<NodeId, TurnCredit>();
  for (const credit of credits) {
    const known = tree.turns.has(credit.node) && credit.tree === tree.id;
    if (known && !byNode.has(credit.node)) byNode.set(credit.node, credit);
    else {
      throw new InvalidInputError(
        known
          ? `turn ${credit.node} of tree ${tree.id} is credited twice`
          : `turn ${credit.node} of tree ${credit.tree} is credited, but is not in tree ${tree.id}`,
        {
          field: 'credits',
          value: credit.node,
          remedy: 'Give one credit to each turn of the tree.',
        },
      );
    }
  }
  return byNode;
}
