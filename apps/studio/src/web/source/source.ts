import type {
  MetricsChunk,
  RunList,
  RunView,
  SameTask,
  TreeCard,
  TreePlace,
  TreeView,
  TurnDetail,
} from '../../shared/views.js';

/** Where the page has its data from: the server, or the page itself when it was exported. */
export interface Source {
  /** Whether anything may change while it is looked at. */
  readonly live: boolean;
  readonly runs: () => Promise<RunList>;
  readonly run: (run: string) => Promise<RunView>;
  readonly metrics: (run: string, offset: number) => Promise<MetricsChunk>;
  readonly trees: (run: string, set: string) => Promise<readonly TreeCard[]>;
  readonly tree: (place: TreePlace) => Promise<TreeView>;
  readonly turn: (place: TreePlace, node: string) => Promise<TurnDetail>;
  readonly sameTask: (place: TreePlace) => Promise<SameTask>;
}
