export { rowsOf, type ExportedTree, type ExportedTrees } from './exported-tree.js';
export type { Columns, ColumnType } from './parquet-schema.js';
export type { PromptOptions, Written } from './prompts.js';
export { tokenRows, type TokenRow } from './token-rows.js';
export {
  messagesRows,
  preferenceRows,
  promptCompletionRows,
  type MessagesRow,
  type PreferenceRow,
  type PromptCompletionOptions,
  type PromptCompletionRow,
} from './trl-rows.js';
export { verlColumns, verlRows, type VerlRow } from './verl-rows.js';
export { writeJsonLines } from './write-json-lines.js';
export { writeParquet, type ParquetOptions } from './write-parquet.js';
