import { childId, leafId, type Leaf, type LeafOutcome, type Turn } from '@spark-rl/core';

import { isOpen, type Advance } from './advance.js';
import { lostLeaf, type Growth } from './growth.js';
import { childPaths, type Path } from './path.js';

/** What was decided about a turn. */
export interface Verdict {
  /** How many children or, where forks are at the same turn, responses it was granted. */
  readonly granted: number;
  /** Whether its path goes on. */
  readonly goesOn: boolean;
}

/** Ends a path after a turn; where such turns may fork, their further children are copies of the leaf. */
async function endPath<State>(growth: Growth<State>, turn: Turn, copies: number): Promise<void> {
  const { recorder, ledger } = growth;
  const { status, score } = turn.next;
  const outcome: LeafOutcome = status === 'running' ? 'truncated' : status;
  const leaf: Leaf = { id: leafId(turn.id), tail: turn.id, outcome, score };
  await recorder.leaf(leaf);
  for (let i = 1; i <= copies; i++) {
    // A copy takes no turn: what the fork reserved for it is given back.
    ledger.turns?.settle({ tokens: 0, steps: 0 }, false);
    await recorder.leaf({
      ...leaf,
      id: leafId(childId(turn.id, i)),
      copy: { of: leaf.id, reason: 'fork' },
    });
  }
}

/** Makes a turn count; ends its path, or gives the paths that go on from it. */
export async function settle<State>(
  growth: Growth<State>,
  advanced: Advance<State>,
  { granted, goesOn }: Verdict,
): Promise<readonly Path<State>[]> {
  const { recorder, options, held, id } = growth;
  const { path } = advanced;
  if ('lost' in advanced) {
    if (advanced.lost.lostTo === 'environment') growth.lostToEnvironment++;
    await recorder.leaf(lostLeaf(path.id, path.parent, path.score, advanced.lost));
    return [];
  }
  const { taken, next, decision } = advanced;
  const turn: Turn = { ...taken.turn, requestedWidth: decision.width, grantedWidth: granted };
  await recorder.turn(turn);
  // Where forks are at the same turn, what was granted are siblings of this turn, not children.
  const width = options.settings.forkAt === 'same-turn' ? 1 : granted;

  const keep = options.expansion !== undefined && isOpen(growth, advanced);
  const users = (goesOn ? width : 0) + (keep ? 1 : 0);
  next.retain(users);
  next.done();
  if (keep) held.set(turn.id, { from: next, turns: [...path.turns, turn] });

  if (!goesOn) {
    await endPath(growth, turn, width - 1);
    return [];
  }
  const ids = growth.allot(turn.id, width);
  if (width > 1) await options.onEvent?.({ type: 'fork', tree: id, node: turn.id, children: ids });
  return childPaths(ids, path, turn, next);
}
