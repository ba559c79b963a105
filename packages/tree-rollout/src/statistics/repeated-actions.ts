import { observationText, type Leaf, type NodeId, type Tree, type Turn } from '@spark-rl/core';

/** How often paths take an action again, summed over paths. */
export interface RepeatedActions {
  /** The paths averaged over. */
  readonly paths: number;
  /** Sum over paths of the share of turns whose action was already taken earlier on the same path. */
  readonly anywhere: number;
  /** The same sum, of turns whose action was already taken earlier on the same path at the same observation. */
  readonly sameObservation: number;
}

/** How many turns on the path to a turn, itself included, repeat an earlier one. */
function repeatsOnPaths(tree: Tree, keyOf: (turn: Turn) => string): ReadonlyMap<NodeId, number> {
  const repeats = new Map<NodeId, number>();
  const taken = new Map<string, number>();
  const stack: string[] = [];
  // Turns stand in the order of their paths: a walk in depth that remembers only the path it stands on.
  for (const turn of tree.turns.values()) {
    while (stack.length > turn.index) {
      const left = stack.pop()!;
      taken.set(left, taken.get(left)! - 1);
    }
    const key = keyOf(turn);
    const before = taken.get(key) ?? 0;
    const above = turn.parent === null ? 0 : repeats.get(turn.parent)!;
    repeats.set(turn.id, above + (before > 0 ? 1 : 0));
    taken.set(key, before + 1);
    stack.push(key);
  }
  return repeats;
}

/**
 * Measures repetition. A turn repeats when the environment already received its action at an earlier turn of the same path;
 * in the stricter form only a turn that also observed the same text before it counts, for doing the same again is no mistake where the
 * world has changed. The empty action of an invalid response is an action like others.
 *
 * The share of a path is the number of such turns over its length. Paths weigh the same, as episodes of a chain method do, so a
 * turn shared by k leaves speaks in k of them. The paper reports a repetitive action ratio (Table 6) and does not define it;
 * `anywhere` is the plain reading.
 *
 * @param leaves - the ends of the paths that are measured
 */
export function repeatedActions(tree: Tree, leaves: readonly Leaf[]): RepeatedActions {
  const plain = repeatsOnPaths(tree, ({ action }) => action);
  const strict = repeatsOnPaths(tree, ({ observation, action }) =>
    JSON.stringify([observationText(observation), action]),
  );
  let paths = 0;
  let anywhere = 0;
  let sameObservation = 0;
  for (const { tail } of leaves) {
    if (tail === null) continue;
    const length = tree.turns.get(tail)!.index + 1;
    paths++;
    anywhere += plain.get(tail)! / length;
    sameObservation += strict.get(tail)! / length;
  }
  return { paths, anywhere, sameObservation };
}
