import { mkdir, open, readdir, readFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

import { onPath } from '../files.js';
import { decodeEvent, encodeEvent, type Scalars, type TensorboardEvent } from './event.js';
import { encodeRecord, readRecords } from './records.js';

const FILE_VERSION = 'brain.Event:2';
const SUFFIX = '.spark-rl';

/** The scalars of one stage of a run as a TensorBoard event file, one event a step. */
export interface EventFile {
  /** Writes the scalars of a step, unless just those are there; other ones replace it and what came after it. */
  readonly record: (step: number, scalars: Scalars) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** A file that is there already goes on, so that a step is in one file only. TensorBoard finds it by the middle of its name. */
async function fileIn(folder: string, seconds: number): Promise<string> {
  const names = (await readdir(folder)).filter(
    (name) => name.startsWith('events.out.tfevents.') && name.endsWith(SUFFIX),
  );
  return join(folder, names.sort()[0] ?? `events.out.tfevents.${Math.floor(seconds)}${SUFFIX}`);
}

const equalScalars = (written: Scalars, scalars: Scalars): boolean =>
  written.size === scalars.size &&
  [...scalars].every(([tag, value]) => Object.is(written.get(tag), Math.fround(value)));

/** What a reader of the file would show, kept as steps are written. */
class Shown {
  readonly #steps = new Map<number, Scalars>();
  #last = -Infinity;

  add(event: TensorboardEvent | undefined): void {
    if (event?.kind === 'scalars') {
      this.#steps.set(event.step, event.scalars);
      this.#last = Math.max(this.#last, event.step);
    } else if (event?.kind === 'restart') {
      for (const step of this.#steps.keys()) if (step >= event.step) this.#steps.delete(step);
      this.#last = Math.max(-Infinity, ...this.#steps.keys());
    }
  }

  has = (step: number, scalars: Scalars): boolean => {
    const written = this.#steps.get(step);
    return written !== undefined && equalScalars(written, scalars);
  };

  /** A step that is not the next one: what stands from there on is of a past that was left. */
  goesBack = (step: number): boolean => step <= this.#last;
}

/**
 * Opens the event file of a folder for appending, and makes it when there is none. What a crash tore off its end is cut off.
 *
 * @param now - seconds since 1970
 */
export async function openEventFile(folder: string, now: () => number): Promise<EventFile> {
  const path = await onPath('open', folder, async () => {
    await mkdir(folder, { recursive: true });
    return fileIn(folder, now());
  });
  const shown = new Shown();
  const handle = await onPath('open', path, async (): Promise<FileHandle> => {
    const file = await open(path, 'a+');
    const { records, length } = readRecords(await readFile(path));
    await file.truncate(length);
    for (const record of records) shown.add(decodeEvent(record));
    if (records.length === 0) await append(file, { kind: 'version', version: FILE_VERSION });
    return file;
  });

  async function append(file: FileHandle, event: TensorboardEvent): Promise<void> {
    // One write a record: the end of this process cannot tear it.
    await file.appendFile(encodeRecord(encodeEvent(event, now())));
  }

  let last: Promise<void> = Promise.resolve();
  const write = async (step: number, scalars: Scalars): Promise<void> => {
    if (shown.has(step, scalars)) return;
    const events: TensorboardEvent[] = [{ kind: 'scalars', step, scalars: rounded(scalars) }];
    if (shown.goesBack(step)) events.unshift({ kind: 'restart', step });
    for (const event of events) {
      await append(handle, event);
      shown.add(event);
    }
  };
  return {
    record: (step, scalars) => {
      last = last.then(() => onPath('write', path, () => write(step, scalars)));
      // The caller sees the failure; the chain itself must not raise an unhandled rejection besides.
      last.catch(() => undefined);
      return last;
    },
    close: () =>
      last.catch(() => undefined).then(() => onPath('close', path, () => handle.close())),
  };
}

const rounded = (scalars: Scalars): Scalars =>
  new Map([...scalars].map(([tag, value]) => [tag, Math.fround(value)]));
