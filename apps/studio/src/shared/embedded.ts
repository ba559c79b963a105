import type { MetricsChunk, RunView, TreeCard, TreeView, TurnDetail } from './views.js';

/** A turn in an export; its prompt is what it adds to its parent's prompt and response, where it begins with them. */
export interface EmbeddedTurn extends TurnDetail {
  readonly continues: boolean;
}

/** A tree in an export. */
export interface EmbeddedTree {
  readonly view: TreeView;
  readonly turns: readonly EmbeddedTurn[];
}

/** What an exported page holds of its run beside the trees. */
export interface EmbeddedRun {
  readonly folder: string;
  readonly run: RunView;
  readonly metrics: MetricsChunk;
  readonly trees: Readonly<Record<string, readonly TreeCard[]>>;
}

/** The id of the element that holds the run: base64 of gzip of JSON. */
export const RUN_ELEMENT = 'embedded-run';

/** The id of the element that holds a tree. */
export const treeElement = (set: string, file: string): string => `embedded-tree:${set}/${file}`;
