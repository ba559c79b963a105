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

/** Orders node and leaf ids by their paths, number by number, so that `"2"` comes before `"10"` and a parent before its children. */
export function comparePaths(a: string, b: string): number {
  const left = a.split('.');
  const right = b.split('.');
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const difference = Number(left[i]) - Number(right[i]);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
