import {
  InvalidInputError,
  type NodeId,
  type Tree,
  type Turn,
  type TurnCredit,
} from '@spark-rl/core';
import { continuesTokens, type SequenceRow } from '@spark-rl/tensor';

import { collapseCopies, type CollapsedCredit } from './collapsed-credit.js';

/** A tree with credits; a whole tree of core, or just its turns. */
export interface PackableTree {
  readonly tree: Pick<Tree, 'id' | 'turns'>;
  readonly credits: readonly TurnCredit[];
}

/** A turn in a row, and what all its copies come to. */
export interface TrainedTurn extends CollapsedCredit {
  readonly turn: Turn;
}

/** A row to train: tokens, and the turns whose responses are its targets, in order. */
export interface PackedRow extends SequenceRow {
  readonly turns: readonly TrainedTurn[];
}

/** A value for every target of a row, the same over each turn. */
export const overTargets = (
  row: PackedRow,
  valueOf: (turn: TrainedTurn) => number,
): Float32Array => {
  const values = new Float32Array(row.targets.length);
  let at = 0;
  for (const trained of row.turns) {
    const { length } = trained.turn.generation.responseTokens;
    values.fill(valueOf(trained), at, at + length);
    at += length;
  }
  return values;
};

/** The log-probabilities that were recorded at sampling, for every target of a row. */
export const recordedLogProbs = (row: PackedRow): number[] =>
  row.turns.flatMap(({ turn }) => [...turn.generation.logProbs]);

function checkTurn(tree: Pick<Tree, 'id'>, { id, generation }: Turn): void {
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
        : undefined;
  if (problem === undefined) return;
  throw new InvalidInputError(`turn ${id} of tree ${tree.id} ${problem}`, {
    field: 'generation',
    value: id,
    remedy: 'Train on turns as the policy returned them.',
  });
}

function creditsByNode({ tree, credits }: PackableTree): ReadonlyMap<NodeId, TurnCredit> {
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

function packTree(credited: PackableTree, skipZeroAdvantages: boolean): PackedRow[] {
  const { tree } = credited;
  const credits = creditsByNode(credited);
  /** Rows that may go on, by their last turn. */
  const open = new Map<NodeId, TrainedTurn[]>();

  /** The row that ends at an ancestor whose tokens this turn's prompt begins with; none when a sibling already took it. */
  const takeRow = (turn: Turn): TrainedTurn[] => {
    for (let child = turn; child.parent !== null;) {
      const parent = tree.turns.get(child.parent)!;
      const { promptTokens, responseTokens } = parent.generation;
      if (!continuesTokens(child.generation.promptTokens, promptTokens, responseTokens)) break;
      const row = open.get(parent.id);
      open.delete(parent.id);
      if (row !== undefined) return row;
      child = parent;
    }
    return [];
  };

  // Parents stand before their children.
  for (const turn of tree.turns.values()) {
    const credit = credits.get(turn.id);
    if (credit === undefined || credit.copies.length === 0) continue;
    checkTurn(tree, turn);
    const collapsed = collapseCopies(credit);
    const neutral = collapsed.positive === 0 && collapsed.negative === 0;
    if (turn.generation.responseTokens.length === 0 || (skipZeroAdvantages && neutral)) continue;
    open.set(turn.id, [...takeRow(turn), { turn, ...collapsed }]);
  }
  return [...open.values()].map(packRow);
}

function packRow(turns: readonly TrainedTurn[]): PackedRow {
  const { promptTokens, responseTokens } = turns.at(-1)!.turn.generation;
  const tokens = new Int32Array(promptTokens.length + responseTokens.length);
  tokens.set(promptTokens);
  tokens.set(responseTokens, promptTokens.length);
  const targets = turns.flatMap(({ turn: { generation } }) =>
    Array.from(generation.responseTokens, (_, i) => generation.promptTokens.length + i),
  );
  return { tokens, targets: Int32Array.from(targets), turns };
}

/**
 * Puts the credited turns of trees into rows, every response in exactly one. Where a prompt begins with the prompt and response of the turn
 * before, token by token, both go into one row: an append-only path trains in one pass. Where prompts are windows, every turn is a row of
 * its own. A path that leaves a fork second repeats the shared tokens, untrained.
 *
 * @param options.skipZeroAdvantages - leaves turns out whose advantages are all 0; they then pull neither towards the reference nor
 *   towards entropy, and do not count in the token mean
 * @throws InvalidInputError naming a turn that cannot be trained, or a credit that does not fit its tree
 */
export const packTurns = (
  trees: readonly PackableTree[],
  options: { readonly skipZeroAdvantages?: boolean } = {},
): PackedRow[] => trees.flatMap((tree) => packTree(tree, options.skipZeroAdvantages ?? false));
