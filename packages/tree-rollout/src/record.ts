import {
  InvalidInputError,
  RunStoreError,
  createTreeBuilder,
  type JsonValue,
  type Leaf,
  type LeafId,
  type NodeId,
  type Tree,
  type TreeEvent,
  type TreeId,
  type TreeOpening,
  type Turn,
} from '@spark-rl/core';

/** What an interrupted rollout left of a tree. */
export interface TreeRecord {
  readonly opening: TreeOpening | undefined;
  readonly turn: (id: NodeId) => Turn | undefined;
  /** The leaf with the id of a turn: it ended there, or was lost before it was complete. */
  readonly leaf: (id: NodeId | LeafId) => Leaf | undefined;
  /** How many children an expansion opened there in a round; undefined when that is not recorded. */
  readonly expanded: (node: NodeId | null, round: number) => number | undefined;
  /** Whether a path is recorded to go on after a turn. */
  readonly goesOn: (id: NodeId) => boolean;
  /** The whole tree, when its end is recorded. */
  readonly finished: Tree | undefined;
}

/** Indexes the events of one tree. */
export function treeRecord(id: TreeId, events: readonly TreeEvent[]): TreeRecord {
  const turns = new Map<string, Turn>();
  const leaves = new Map<string, Leaf>();
  const parents = new Set<string | null>();
  const expansions = new Map<string, number>();
  const [first] = events;
  let finished: Tree | undefined;
  if (first !== undefined) {
    if (first.type !== 'tree') {
      throw new RunStoreError(`tree ${id}: its record begins with a ${first.type} event`, {
        field: 'recorded',
        value: first.type,
        remedy: 'Remove the damaged record, so that the tree is grown anew.',
      });
    }
    const builder = createTreeBuilder(id, first.opening);
    for (const event of events) {
      if (event.type === 'turn') {
        turns.set(event.turn.id, event.turn);
        parents.add(event.turn.parent);
        builder.addTurn(event.turn);
      }
      if (event.type === 'leaf') {
        leaves.set(event.leaf.id, event.leaf);
        if (event.leaf.lostTo !== undefined) parents.add(event.leaf.tail);
        builder.addLeaf(event.leaf);
      }
      if (event.type === 'expand') {
        expansions.set(`${event.round} ${String(event.node)}`, event.children);
        if (event.node !== null) builder.expand(event.node, event.children);
      }
      if (event.type === 'end') finished = builder.build(event.account, event.resources);
    }
  }
  return {
    opening: first?.type === 'tree' ? first.opening : undefined,
    turn: (node) => turns.get(node),
    leaf: (node) => leaves.get(node),
    expanded: (node, round) => expansions.get(`${round} ${String(node)}`),
    goesOn: (node) => parents.has(node),
    finished,
  };
}

/**
 * A budget does not allow what is recorded. Under a budget of time that comes of a replay that took longer than the task may: the
 * record stands, and the tree may not contradict it.
 */
export const unpayable = (id: TreeId, node: NodeId | null, children: number): Error =>
  new RunStoreError(
    `tree ${id}: ${children} children are recorded after ${node === null ? 'its start' : `turn ${node}`}, which its budget does not allow now`,
    {
      field: node ?? 'start',
      value: children,
      remedy:
        'The budget is another one, or its time ran out while the record was replayed: remove the record, so that the tree is grown anew.',
    },
  );

/** Whether two values are equal, whatever the order of their keys: a journal may have sorted them. */
function same(a: JsonValue | undefined, b: JsonValue | undefined): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [Object.entries(a), b as Readonly<Record<string, JsonValue>>];
  return (
    left.length === Object.keys(b).length &&
    left.every(([key, value]) => Object.hasOwn(b, key) && same(value, right[key]))
  );
}

/** Refuses to go on with a tree that other settings grew. */
export function checkSettings(
  id: TreeId,
  recorded: TreeOpening,
  wanted: Pick<TreeOpening, 'task' | 'settings'>,
): void {
  const names = new Set([...Object.keys(recorded.settings), ...Object.keys(wanted.settings)]);
  for (const name of names) {
    const [was, is] = [recorded.settings[name], wanted.settings[name]];
    if (same(was, is)) continue;
    throw new InvalidInputError(
      `tree ${id} was begun with ${name} ${JSON.stringify(was)}, not ${JSON.stringify(is)}`,
      {
        field: name,
        value: is,
        remedy: 'Go on with the settings it was begun with, or remove its record to grow it anew.',
      },
    );
  }
  if (recorded.task.id !== wanted.task.id || !same(recorded.task.data, wanted.task.data)) {
    throw new InvalidInputError(`tree ${id} was begun for task ${recorded.task.id}`, {
      field: 'task',
      value: wanted.task.id,
      remedy: 'Name the trees of different tasks differently, or remove its record.',
    });
  }
}
