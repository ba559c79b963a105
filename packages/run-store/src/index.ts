export { openCheckpoints, type CheckpointFiles, type Checkpoints } from './checkpoints.js';
export { writeFileAtomically } from './files.js';
export { openJsonLines, readJsonLines, type JsonLinesWriter } from './json-lines.js';
export { lockFolder, lockHolder } from './lock.js';
export { manifestSchema, type Manifest } from './manifest.js';
export { currentMetricName } from './metric-names.js';
export {
  configHash,
  createRun,
  openRun,
  readManifest,
  readMetrics,
  type MetricsRow,
  type Run,
} from './run.js';
export { salvageTree, type LineProblem, type SalvagedTree } from './salvage-tree.js';
export { readTree, readTrees, type JournalledTree } from './tree-file.js';
export { openTreeJournal, type TreeJournal, type TreeJournalOptions } from './tree-journal.js';
