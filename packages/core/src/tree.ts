import type { LeafAccount, TurnAccounts } from './budget.js';
import type { Observation, Status, Task } from './environment.js';
import { comparePaths, type LeafId, type NodeId, type TreeId } from './ids.js';
import type { JsonValue } from './json.js';
import type { Generation } from './policy.js';
import type { ParsedResponse } from './protocol.js';
import type { TurnRating } from './scorer.js';

/** A node of the tree: observation -> response -> action -> next observation. */
export interface Turn {
  readonly id: NodeId;
  /** The turn before, or null at a root. */
  readonly parent: NodeId | null;
  /** t, from 0. */
  readonly index: number;
  /** o_t: what was observed before the response. */
  readonly observation: Observation;
  /** What the policy sampled. */
  readonly generation: Generation;
  /** The response, taken apart. */
  readonly response: ParsedResponse;
  /** a_t: what the environment received; empty when the response was invalid. */
  readonly action: string;
  /** Whether the action was admissible; null when nobody asked. */
  readonly admissible: boolean | null;
  /** What the environment answered. */
  readonly next: {
    readonly observation: Observation;
    readonly score: number;
    readonly status: Status;
  };
  /** What a rater said of the turn when it was taken; absent without a rater, and where it gave no answer. */
  readonly rating?: TurnRating;
  /** How many children the criterion asked for (1: no fork); where forks are at the same turn, how many responses. */
  readonly requestedWidth: number;
  /** How many the ledger granted, at most what was asked; and the children that an expansion added. */
  readonly grantedWidth: number;
}

/** How a path ended. `truncated` is a turn or step limit; `failed` is lost to infrastructure. */
export type LeafOutcome = 'success' | 'failure' | 'truncated' | 'failed';

/** The end of a path. */
export interface Leaf {
  readonly id: LeafId;
  /** The last complete turn; null when the path failed before its first one. */
  readonly tail: NodeId | null;
  readonly outcome: LeafOutcome;
  /** The environment's score at the end. */
  readonly score: number;
  /** Why the path was lost; present exactly when the outcome is `failed`. */
  readonly error?: string;
  /** What failed; present exactly when the outcome is `failed`. `task`: the task was given up as a whole. */
  readonly lostTo?: 'policy' | 'environment' | 'task';
  /**
   * Present when this leaf is no path of its own but another one counted again, as profile `reference-code` does: a copy of a
   * path that had ended (`fork`, charged to the budget), or one that fills up the group (`padding`, not charged).
   */
  readonly copy?: { readonly of: LeafId; readonly reason: 'fork' | 'padding' };
}

/** What is known of a tree before its first turn. */
export interface TreeOpening {
  readonly task: Task;
  readonly instruction: string;
  readonly observation: Observation;
  readonly score: number;
  /** The settings that grew it (N, M, B, criterion, temperature, ...), for the record. */
  readonly settings: Readonly<Record<string, JsonValue>>;
  /** Why the task could not be reset: then there is no instruction and no observation, and all roots are lost to the task. */
  readonly lost?: string;
}

/**
 * A finished tree of turns: M roots that share the initial state of one task, every turn stored once, and the leaves. Turns and
 * leaves stand in the order of their paths, so that equal trees are equal byte for byte whatever the order they were made in.
 */
export interface Tree extends TreeOpening {
  readonly id: TreeId;
  readonly turns: ReadonlyMap<NodeId, Turn>;
  readonly leaves: readonly Leaf[];
  readonly account: LeafAccount;
  /** How tokens, steps and time stood at the end, where the budget counts them. */
  readonly resources?: TurnAccounts;
}

/** The turns from the root to `node`, both included. */
export function pathTo(tree: Pick<Tree, 'turns'>, node: NodeId): readonly Turn[] {
  const path: Turn[] = [];
  for (let id: NodeId | null = node; id !== null;) {
    const turn = tree.turns.get(id);
    if (turn === undefined)
      throw new RangeError(`node ${id} is not in the tree; give the id of one of its turns`);
    path.push(turn);
    id = turn.parent;
  }
  return path.reverse();
}

const children = new WeakMap<Tree['turns'], ReadonlyMap<NodeId | null, readonly Turn[]>>();

/** All turns by their parent. Finished trees do not change, so this is done once a tree. */
function byParent(turns: Tree['turns']): ReadonlyMap<NodeId | null, readonly Turn[]> {
  let known = children.get(turns);
  if (known === undefined) {
    const groups = new Map<NodeId | null, Turn[]>();
    for (const turn of turns.values()) {
      const group = groups.get(turn.parent);
      if (group === undefined) groups.set(turn.parent, [turn]);
      else group.push(turn);
    }
    children.set(turns, groups);
    known = groups;
  }
  return known;
}

/** The children of a turn that were completed, in order; of null, the roots. */
export const childrenOf = (
  tree: Pick<Tree, 'turns'>,
  node: Pick<Turn, 'id'> | null,
): readonly Turn[] => byParent(tree.turns).get(node?.id ?? null) ?? [];

/** The group of a task: its leaves that ended by themselves, failed ones left out. */
export const completedLeaves = (tree: Pick<Tree, 'leaves'>): readonly Leaf[] =>
  tree.leaves.filter((leaf) => leaf.outcome !== 'failed');

/** For each turn, the completed leaves below it. Every turn has an entry; one with only failed leaves below has an empty one. */
export function leavesBelow(
  tree: Pick<Tree, 'turns' | 'leaves'>,
): ReadonlyMap<NodeId, readonly Leaf[]> {
  const below = new Map<NodeId, Leaf[]>([...tree.turns.keys()].map((id) => [id, []]));
  for (const leaf of completedLeaves(tree)) {
    for (let id = leaf.tail; id !== null; id = tree.turns.get(id)?.parent ?? null)
      below.get(id)?.push(leaf);
  }
  return below;
}

/** A tree while it grows. */
export interface TreeBuilder {
  readonly addTurn: (turn: Turn) => void;
  readonly addLeaf: (leaf: Leaf) => void;
  /** Grants a turn further children. */
  readonly expand: (node: NodeId, children: number) => void;
  /** The finished tree; a copy, so that the builder may go on. */
  readonly build: (account: LeafAccount, resources?: TurnAccounts) => Tree;
}

/** Starts a tree. Every turn must follow its parent, and every id may be used once: a broken tree is refused at once. */
export function createTreeBuilder(id: TreeId, opening: TreeOpening): TreeBuilder {
  const turns = new Map<NodeId, Turn>();
  const leaves = new Map<LeafId, Leaf>();
  return {
    addTurn: (turn) => {
      if (turns.has(turn.id))
        throw new RangeError(`turn ${turn.id} exists; every node id may be used once`);
      if (turn.parent !== null && !turns.has(turn.parent)) {
        throw new RangeError(
          `turn ${turn.id} has parent ${turn.parent}, which is not in the tree; add parents first`,
        );
      }
      turns.set(turn.id, turn);
    },
    addLeaf: (leaf) => {
      if (leaves.has(leaf.id))
        throw new RangeError(`leaf ${leaf.id} exists; every leaf id may be used once`);
      if (leaf.tail !== null && !turns.has(leaf.tail)) {
        throw new RangeError(
          `leaf ${leaf.id} ends at ${leaf.tail}, which is not in the tree; add its turns first`,
        );
      }
      leaves.set(leaf.id, leaf);
    },
    expand: (node, children) => {
      const turn = turns.get(node);
      if (turn === undefined)
        throw new RangeError(`node ${node} is not in the tree; add it before its children`);
      turns.set(node, { ...turn, grantedWidth: turn.grantedWidth + children });
    },
    build: (account, resources) => ({
      ...opening,
      id,
      turns: new Map([...turns].sort(([a], [b]) => comparePaths(a, b))),
      leaves: [...leaves.values()].sort((a, b) => comparePaths(a.id, b.id)),
      account,
      ...(resources !== undefined && { resources }),
    }),
  };
}
