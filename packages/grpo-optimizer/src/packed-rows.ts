import type { CreditCopy, NodeId, Turn } from '@spark-rl/core';
import { continuesTokens, type SequenceRow } from '@spark-rl/tensor';

import { collapseCopies, type CollapsedCredit } from './objective/collapsed-credit.js';
import { checkTurn, creditsByNode, type PackableTree } from './trainable-turns.js';

/** A turn in a row, its copies, and what they come to. */
export interface TrainedTurn extends CollapsedCredit {
  readonly turn: Turn;
  readonly credit: readonly CreditCopy[];
}

/** A row to train: tokens, and the turns whose responses are its targets, in order. */
export interface PackedRow extends SequenceRow {
  readonly turns: readonly TrainedTurn[];
}

/** The log-probabilities that were recorded at sampling, for every target of a row. */
export const recordedLogProbs = (row: PackedRow): number[] =>
  row.turns.flatMap(({ turn }) => [...turn.generation.logProbs]);

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
    open.set(turn.id, [...takeRow(turn), { turn, credit: credit.copies, ...collapsed }]);
  }
  return [...open.values()].map(packRow);
}

/** Makes one row of turns that each begin with the tokens of the one before. */
export function packRow(turns: readonly TrainedTurn[]): PackedRow {
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
