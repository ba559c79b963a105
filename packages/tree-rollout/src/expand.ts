import {
  InvalidInputError,
  type Expansion,
  type ExpansionChoice,
  type NodeId,
} from '@spark-rl/core';

import { lazySource } from './decide.js';
import type { Growth } from './growth.js';
import { furtherPaths, rootPaths, type Path } from './path.js';
import { unpayable } from './record.js';

function checkChoices(
  expansion: Expansion,
  choices: readonly ExpansionChoice[],
  expandable: ReadonlySet<NodeId>,
): void {
  for (const { node, children } of choices) {
    if (node !== null && !expandable.has(node)) {
      throw new InvalidInputError(`expansion ${expansion.id} chose node ${node}`, {
        field: 'node',
        value: node,
        remedy: 'Choose one of the expandable nodes, or null for the initial state.',
      });
    }
    if (!Number.isInteger(children) || children < 1) {
      throw new InvalidInputError(`expansion ${expansion.id} chose ${children} children`, {
        field: 'children',
        value: children,
        remedy: 'Choose a whole number of children, at least 1.',
      });
    }
  }
}

/**
 * Asks the expansion where the finished tree shall grow further, and opens what it chose while leaves are free.
 *
 * @returns the paths that start there; none when it is time to stop
 */
export async function expand<State>(
  growth: Growth<State>,
  expansion: Expansion,
  round: number,
): Promise<readonly Path<State>[]> {
  const { record, recorder, ledger, held, root, start, key } = growth;
  const tree = recorder.snapshot();
  const expandable = [...tree.turns.keys()].filter((id) => held.has(id));
  const choices = expansion.choose({
    tree,
    round,
    expandable,
    account: ledger.account(),
    random: lazySource([...key, 'round', round, 'expansion']),
  });
  checkChoices(expansion, choices, new Set(expandable));
  // One event a node: what is chosen several times is added up.
  const wanted = new Map<NodeId | null, number>();
  for (const { node, children } of choices) wanted.set(node, (wanted.get(node) ?? 0) + children);
  const paths: Path<State>[] = [];
  for (const [node, children] of wanted) {
    const before = record.expanded(node, round);
    const opened = ledger.open(before ?? children);
    if (before !== undefined && opened !== before) throw unpayable(growth.id, node, before);
    if (opened === 0) break;
    const ids = growth.allot(node, opened);
    const { from, turns } = node === null ? { from: root, turns: [] } : held.get(node)!;
    from.retain(opened);
    await recorder.expand(node, round, ids);
    if (node === null) paths.push(...rootPaths(ids, start, from));
    else paths.push(...furtherPaths(ids, turns, turns.at(-1)!, from));
  }
  return paths;
}
