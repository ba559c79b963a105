import { mkdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { canonicalJson, hashText, parseInput, RunStoreError, type JsonValue } from '@spark-rl/core';

import { openCheckpoints, type Checkpoints } from './checkpoints.js';
import { onPath, readTextIfPresent, writeFileAtomically } from './files.js';
import { openJsonLines, readJsonLines } from './json-lines.js';
import { lockFolder } from './lock.js';
import { manifestSchema, type Manifest } from './manifest.js';
import { withCurrentNames } from './metric-names.js';
import { openEventWriter } from './tensorboard/event-writer.js';
import { openTreeJournal, type TreeJournal, type TreeJournalOptions } from './tree-journal.js';

/** One row of measurements; `step` and `phase` say where the run stood. */
export type MetricsRow = Readonly<Record<string, JsonValue>>;

/** A run on disk, open for writing. */
export interface Run {
  /** The absolute path of its folder. */
  readonly folder: string;
  readonly manifest: Manifest;
  readonly checkpoints: Checkpoints;
  /** Appends a row to `metrics.jsonl`, and its numbers to the TensorBoard event file of its `phase`, in `tensorboard/`. */
  readonly recordMetrics: (row: MetricsRow) => Promise<void>;
  /** A journal for the trees of one step, in `trees/<name>/`; it can go on with what an interrupted run left there. */
  readonly treeJournal: (name: string, options?: TreeJournalOptions) => TreeJournal;
  /** Writes a file of the run's folder atomically, such as `summary.json`. */
  readonly writeFile: (name: string, content: string) => Promise<void>;
  /** Closes the files and gives the lock back. */
  readonly close: () => Promise<void>;
}

/** SHA-256 of a configuration, whatever the order of its keys. */
export const configHash = (config: JsonValue): string => hashText(canonicalJson(config));

/** Refuses a configuration that is not the one whose hash stands beside it. */
function checkConfigHash(
  { config, configHash: expected }: Manifest,
  where: string,
  remedy: string,
): void {
  const found = configHash(config);
  if (found === expected) return;
  throw new RunStoreError(
    `${where}: the configuration does not have the hash that is recorded of it`,
    {
      field: 'configHash',
      value: expected,
      remedy,
    },
  );
}

/** The rows that event files are brought up to. A damaged file is an error for who reads it, and no reason to refuse a resume. */
const rowsToShow = (folder: string): Promise<MetricsRow[]> =>
  readMetrics(folder).catch((cause: unknown) => {
    if (cause instanceof RunStoreError) return [];
    throw cause;
  });

async function openForWriting(folder: string, manifest: Manifest): Promise<Run> {
  const unlock = await lockFolder(folder);
  const open: (() => Promise<void>)[] = [unlock];
  const closeAll = async (): Promise<void> => {
    for (const close of open.splice(0).reverse()) await close();
  };
  try {
    const metrics = await openJsonLines(join(folder, 'metrics.jsonl'));
    open.push(metrics.close);
    const events = await openEventWriter(join(folder, 'tensorboard'), await rowsToShow(folder));
    open.push(events.close);
    return {
      folder,
      manifest,
      checkpoints: openCheckpoints(join(folder, 'checkpoints')),
      recordMetrics: async (row) => {
        await metrics.append(row);
        await events.record(row);
      },
      treeJournal: (name, options) => openTreeJournal(join(folder, 'trees', name), options),
      writeFile: (name, content) => writeFileAtomically(join(folder, name), content),
      close: closeAll,
    };
  } catch (cause) {
    await closeAll();
    throw cause;
  }
}

/**
 * Begins a run in a new folder below `root`, named after the manifest's id.
 *
 * @throws RunStoreError when that folder exists or cannot be written
 */
export async function createRun(root: string, manifest: Manifest): Promise<Run> {
  const checked = parseInput(manifestSchema, manifest, 'manifest of the run');
  checkConfigHash(checked, 'manifest of the run', 'Make it with configHash(config).');
  const folder = resolve(root, checked.id);
  await onPath('create', root, () => mkdir(root, { recursive: true }));
  await onPath('create', folder, async () => {
    try {
      await mkdir(folder);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
      throw new RunStoreError(`the run folder ${folder} exists`, {
        field: folder,
        remedy: 'Choose another run id, or continue that run with resume.',
      });
    }
  });
  await writeFileAtomically(join(folder, 'manifest.json'), `${JSON.stringify(checked, null, 2)}\n`);
  return openForWriting(folder, checked);
}

/** Reads and validates the manifest of a run folder; its configuration must be the one that the run was begun with. */
export async function readManifest(folder: string): Promise<Manifest> {
  const path = join(folder, 'manifest.json');
  const isFolder = await stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
  const text = isFolder ? await readTextIfPresent(path) : undefined;
  if (text === undefined) {
    throw new RunStoreError(
      `${folder} is not a run folder: ${isFolder ? 'it has no manifest.json' : 'it does not exist'}`,
      {
        field: folder,
        remedy: 'Give the folder of a run, such as runs/<id>.',
      },
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new RunStoreError(`${path} is not JSON`, {
      field: path,
      remedy: 'Restore it from a copy.',
      cause,
    });
  }
  const manifest = parseInput(manifestSchema, value, path, 'Restore the file from a copy.');
  checkConfigHash(
    manifest,
    path,
    'The configuration was changed after the run began: restore the file from a copy, or begin a new run with the other configuration.',
  );
  return manifest;
}

/** Opens an existing run to continue it. */
export async function openRun(folder: string): Promise<Run> {
  const absolute = resolve(folder);
  return openForWriting(absolute, await readManifest(absolute));
}

/**
 * Reads the rows of a run's `metrics.jsonl`. Steps that were done again after a resume are there twice: of rows with the same
 * `phase` and `step`, the last counts and stands where the first stood. Metrics that an earlier version recorded under other names have
 * the names of now.
 */
export async function readMetrics(folder: string): Promise<MetricsRow[]> {
  const rows = new Map<string, MetricsRow>();
  for (const row of (await readJsonLines(join(folder, 'metrics.jsonl'))) as MetricsRow[]) {
    const { phase, step } = row as { readonly phase?: JsonValue; readonly step?: JsonValue };
    const place = step === undefined ? `row ${rows.size}` : JSON.stringify([phase ?? null, step]);
    rows.set(place, withCurrentNames(row));
  }
  return [...rows.values()];
}
