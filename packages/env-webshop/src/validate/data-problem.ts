/** What can be wrong with data files. */
export type DataProblemKind =
  | 'unreadable'
  | 'damaged'
  | 'wrong form'
  | 'wrong field'
  | 'wrong price'
  | 'no instruction entry'
  | 'instruction without attributes'
  | 'duplicate product'
  | 'unusable identifier'
  | 'option that no action can name'
  | 'unused entry';

/** One thing that is wrong with a data file. */
export interface DataProblem {
  readonly kind: DataProblemKind;
  /** An error keeps the shop from opening; a warning says what the shop skips or an agent cannot do. */
  readonly severity: 'error' | 'warning';
  readonly file: string;
  /** The product, where it is known. */
  readonly asin: string | null;
  /** Where in the file, in bytes; null where the file as a whole is meant. */
  readonly byte: number | null;
  readonly message: string;
}

const WARNINGS: ReadonlySet<DataProblemKind> = new Set([
  'duplicate product',
  'unusable identifier',
  'option that no action can name',
  'unused entry',
]);

/** How bad a kind of problem is. */
export const severityOf = (kind: DataProblemKind): DataProblem['severity'] =>
  WARNINGS.has(kind) ? 'warning' : 'error';
