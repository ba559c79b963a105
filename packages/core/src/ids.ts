declare const brand: unique symbol;

/** A string that may not be mistaken for another kind of string. */
export type Brand<Name extends string> = string & { readonly [brand]: Name };

/** Identifies a problem instance; unique within its environment. */
export type TaskId = Brand<'TaskId'>;
/** Identifies one rollout tree: one task at one training step. */
export type TreeId = Brand<'TreeId'>;
/**
 * Identifies a turn by its path: root `i` is `"i"`, child `j` of node `p` is `"p.j"`. Child 0 continues the path, children
 * 1, 2, ... were opened by a fork. So the id of a turn follows from where it stands, never from when it was made.
 */
export type NodeId = Brand<'NodeId'>;
/** Identifies a leaf: the id of its last turn or, when the path failed before that turn was complete, the id that turn would have had. */
export type LeafId = Brand<'LeafId'>;

export const taskId = (id: string): TaskId => id as TaskId;
export const treeId = (id: string): TreeId => id as TreeId;
export const leafId = (id: string): LeafId => id as LeafId;

/** The id of root `index` (from 0). */
export const rootId = (index: number): NodeId => String(index) as NodeId;
/** The id of child `index` (from 0) of `parent`. */
export const childId = (parent: NodeId, index: number): NodeId => `${parent}.${index}` as NodeId;

/** How many digits stand in `path` from `start` on. */
function digitsFrom(path: string, start: number): number {
  const dot = path.indexOf('.', start);
  return (dot < 0 ? path.length : dot) - start;
}

/** Orders node and leaf ids by their paths, number by number, so that `"2"` comes before `"10"` and a parent before its children. */
export function comparePaths(a: string, b: string): number {
  // No splitting: finished trees are sorted by this on the rollout's hot path. Numbers have no leading zeros, so in the first
  // segment that differs the one with more digits is larger, and with equally many the first differing digit decides.
  let i = 0;
  while (i < a.length && i < b.length && a.charCodeAt(i) === b.charCodeAt(i)) i++;
  const difference = digitsFrom(a, i) - digitsFrom(b, i);
  if (difference !== 0) return difference;
  if (i === a.length || i === b.length) return a.length - b.length;
  return a.charCodeAt(i) - b.charCodeAt(i);
}
