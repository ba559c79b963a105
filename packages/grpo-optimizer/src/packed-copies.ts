import { InvalidInputError, type CreditCopy, type Turn } from '@spark-rl/core';
import { continuesTokens } from '@spark-rl/tensor';

import { collapseCopies } from './objective/collapsed-credit.js';
import { packRow, type PackedRow, type TrainedTurn } from './packed-rows.js';
import { checkTurn, creditsByNode, type PackableTree } from './trainable-turns.js';

const continues = (next: Turn, last: Turn): boolean =>
  continuesTokens(
    next.generation.promptTokens,
    last.generation.promptTokens,
    last.generation.responseTokens,
  );

/** The turns of one path in rows: as few as their prompts allow. */
function packPath(path: readonly TrainedTurn[]): PackedRow[] {
  const rows: TrainedTurn[][] = [];
  for (const trained of path) {
    const row = rows.at(-1);
    if (row !== undefined && continues(trained.turn, row.at(-1)!.turn)) row.push(trained);
    else rows.push([trained]);
  }
  return rows.map(packRow);
}

function checkWholePath(tree: string, rows: readonly PackedRow[], copy: CreditCopy): void {
  const turn = rows[1]?.turns[0]?.turn ?? (copy.leaf === undefined && rows[0]?.turns[0]?.turn);
  if (!turn) return;
  throw new InvalidInputError(
    copy.leaf === undefined
      ? `turn ${turn.id} of tree ${tree} is credited as a whole, so it belongs to no one path`
      : `turn ${turn.id} of tree ${tree} does not begin with the tokens of the turn before, so its path is no single row`,
    {
      field: 'ratio',
      value: turn.id,
      remedy:
        "A ratio of paths needs append-only prompts and credits by leaf; else take ratio 'sequence'.",
    },
  );
}

function packTree(credited: PackableTree, options: PackCopiesOptions): PackedRow[] {
  const { tree } = credited;
  const credits = creditsByNode(credited);
  const paths = new Map<string, { readonly copy: CreditCopy; readonly turns: TrainedTurn[] }>();
  // Parents stand before their children, so each path is in its order.
  for (const turn of tree.turns.values()) {
    const credit = credits.get(turn.id);
    if (credit === undefined || credit.copies.length === 0) continue;
    checkTurn(tree, turn);
    if (turn.generation.responseTokens.length === 0) continue;
    const neutral = credit.copies.every(({ advantage }) => advantage === 0);
    if (options.skipZeroAdvantages === true && neutral) continue;
    for (const [i, copy] of credit.copies.entries()) {
      const collapsed = collapseCopies({ ...credit, copies: [copy] });
      const trained = { turn, credit: [copy], ...collapsed };
      const name = copy.leaf === undefined ? `turn ${turn.id} ${i}` : `leaf ${copy.leaf}`;
      const path = paths.get(name);
      if (path === undefined) paths.set(name, { copy, turns: [trained] });
      else path.turns.push(trained);
    }
  }
  return [...paths.values()].flatMap(({ copy, turns }) => {
    const rows = packPath(turns);
    if (options.wholePaths === true) checkWholePath(tree.id, rows, copy);
    return rows;
  });
}

/** How {@link packCopies} packs. */
export interface PackCopiesOptions {
  /** Leaves turns out whose advantages are all 0. */
  readonly skipZeroAdvantages?: boolean;
  /** Every path must be one row, as a ratio of paths needs it. */
  readonly wholePaths?: boolean;
}

/**
 * Puts every copy of every credited turn into a row of its own path, as published code trains trees: a turn shared by k leaves is trained k
 * times. For objectives whose copies cannot be collapsed, and to compare with; `packTurns` gives the same update for all others in less.
 *
 * @throws InvalidInputError naming a turn that cannot be trained, or, with `wholePaths`, the one that breaks its path
 */
export const packCopies = (
  trees: readonly PackableTree[],
  options: PackCopiesOptions = {},
): PackedRow[] => trees.flatMap((tree) => packTree(tree, options));
