import { join } from 'node:path';

import type { JsonValue } from '@spark-rl/core';

import { openEventFile, type EventFile } from './event-file.js';
import type { Scalars } from './event.js';

/** Rows of measurements as TensorBoard event files, one folder a phase. */
export interface EventWriter {
  /** Writes the numbers of a row; a row without a whole `step` from 0, or without numbers, has nothing to show. */
  readonly record: (row: Readonly<Record<string, JsonValue>>) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** The stage of a run as the name of a folder: what a folder cannot be called becomes `_`. */
const folderOf = (phase: JsonValue | undefined): string =>
  typeof phase === 'string' && /[^.]/.test(phase) ? phase.replace(/[^\w.-]/g, '_') : 'run';

/** The numbers of a row by name; `step` and `phase` say where it stands and are none of them. */
const scalarsOf = (row: Readonly<Record<string, JsonValue>>): Scalars =>
  new Map(
    Object.entries(row).filter(
      (entry): entry is [string, number] =>
        entry[0] !== 'step' && typeof entry[1] === 'number' && Number.isFinite(entry[1]),
    ),
  );

/**
 * Opens the event files of a run, `<folder>/<phase>/events.out.tfevents.*`, and brings them to what its rows say: rows that a kill
 * kept from them are added. Steps are told apart within a phase, so a phase has a folder of its own, which TensorBoard shows as a
 * run. A file is made when its first row comes.
 *
 * @param rows - what is recorded of the run already, each step once
 * @param now - seconds since 1970, for TensorBoard's axis of time
 */
export async function openEventWriter(
  folder: string,
  rows: readonly Readonly<Record<string, JsonValue>>[],
  now: () => number = () => Date.now() / 1000,
): Promise<EventWriter> {
  const files = new Map<string, Promise<EventFile>>();
  const writer: EventWriter = {
    record: async (row) => {
      const step = row['step'];
      const scalars = scalarsOf(row);
      if (!Number.isSafeInteger(step) || Number(step) < 0 || scalars.size === 0) return;
      const phase = folderOf(row['phase']);
      const file = files.get(phase) ?? openEventFile(join(folder, phase), now);
      files.set(phase, file);
      await (await file).record(Number(step), scalars);
    },
    close: async () => {
      for (const file of files.values()) await (await file.catch(() => undefined))?.close();
    },
  };
  try {
    for (const row of rows) await writer.record(row);
  } catch (cause) {
    await writer.close();
    throw cause;
  }
  return writer;
}
