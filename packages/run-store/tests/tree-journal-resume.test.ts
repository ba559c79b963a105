import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { RunStoreError, SparkError, treeId, type TreeEvent } from '@spark-rl/core';
import fc from 'fast-check';

import { openTreeJournal, readTree, type TreeJournal } from '../src/index.js';
import { randomTreeEvents } from './random-tree.js';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tree-journal-'));
  path = join(folder, 'task_one.jsonl');
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

const tree = treeId('task/one');

async function write(journal: TreeJournal, events: readonly TreeEvent[]): Promise<void> {
  for (const event of events) await journal.append(event);
  await journal.close();
}

/** What an interrupted run leaves: all events but the end. */
async function interrupted(events: readonly TreeEvent[]): Promise<Buffer> {
  await write(openTreeJournal(folder), events.slice(0, -1));
  return readFileSync(path);
}

/** The file of an uninterrupted run. */
async function whole(events: readonly TreeEvent[]): Promise<string> {
  await write(openTreeJournal(folder), events);
  return readFileSync(path, 'utf8');
}

const linesIn = (bytes: Buffer): number => bytes.filter((byte) => byte === 0x0a).length;

/** Makes the file system fail after half of what the next write holds. */
async function fillTheDisk(): Promise<jest.SpyInstance> {
  const handle = await open(join(folder, 'probe'), 'w');
  const prototype = Object.getPrototypeOf(handle) as FileHandle;
  await handle.close();
  rmSync(join(folder, 'probe'));
  const half = async function (this: FileHandle, data: string | Uint8Array): Promise<void> {
    const bytes = Buffer.from(data);
    await this.write(bytes.subarray(0, bytes.length >> 1));
    throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  };
  jest.spyOn(prototype, 'writeFile').mockImplementation(half);
  return jest.spyOn(prototype, 'appendFile').mockImplementation(half);
}

describe('resuming a tree journal', () => {
  it('gives back exactly the complete lines, cut at every byte of the last two lines, and appends behind them', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(10_000), async (seed) => {
        const events = randomTreeEvents(seed);
        const bytes = await interrupted(events);
        const before = endOf(bytes, linesIn(bytes) - 3);
        let checked = -1;
        for (let cut = before; cut <= bytes.length; cut++) {
          const left = bytes.subarray(0, cut);
          writeFileSync(path, left);
          // An opening alone is begun anew.
          const complete = linesIn(left) > 1 ? linesIn(left) : 0;
          const journal = openTreeJournal(folder, { resume: true });
          const recorded = await journal.recorded(tree);
          expect(recorded.length).toBe(complete);
          if (complete !== checked) expect(recorded).toEqual(events.slice(0, complete));
          checked = complete;
          const next = events[complete]!;
          if (next.type !== 'end') await journal.append(next);
          await journal.close();
          const expected = next.type === 'end' ? bytes : bytes.subarray(0, endOf(bytes, complete));
          expect(readFileSync(path).equals(expected)).toBe(true);
        }
      }),
      { numRuns: 3 },
    );
  }, 60_000);

  it('ends in the same bytes as an uninterrupted run, however often it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(10_000),
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 6 }),
        async (seed, cuts) => {
          const events = randomTreeEvents(seed);
          const expected = await whole(events);
          await interrupted(events);
          for (const cut of cuts) {
            // Killed a little later each time, or earlier: what is appended next is lost again.
            const bytes = readFileSync(path);
            writeFileSync(path, bytes.subarray(0, Math.floor(cut * bytes.length)));
            const journal = openTreeJournal(folder, { resume: true });
            const { length } = await journal.recorded(tree);
            await write(journal, events.slice(length, -1).slice(0, 1 + Math.floor(cut * 7)));
          }
          const journal = openTreeJournal(folder, { resume: true });
          const { length } = await journal.recorded(tree);
          await write(journal, events.slice(length));
          expect(readFileSync(path, 'utf8')).toBe(expected);
          expect(readdirSync(folder)).toEqual(['task_one.jsonl']);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('reads a finished tree back and leaves its file alone, also with the replacement cut off half-way', async () => {
    const events = randomTreeEvents(5);
    const expected = await whole(events);
    const journal = openTreeJournal(folder, { resume: true });
    const recorded = await journal.recorded(tree);
    expect(recorded.at(-1)).toEqual(events.at(-1));
    expect(new Set(recorded.map((event) => JSON.stringify(event)))).toEqual(
      new Set(events.map((event) => JSON.stringify(event))),
    );
    await expect(journal.append(events[1]!)).rejects.toThrow(/before the tree was opened/);
    await journal.close();
    expect(readFileSync(path, 'utf8')).toBe(expected);
    // Killed before the rename: the unfinished file counts, and the rest of the replacement is overwritten.
    await interrupted(events);
    writeFileSync(`${path}.writing`, expected.slice(0, 100));
    expect((await readTree(path))?.finished).toBe(false);
    const again = openTreeJournal(folder, { resume: true });
    expect(await again.recorded(tree)).toEqual(events.slice(0, -1));
    await write(again, events.slice(-1));
    expect(readFileSync(path, 'utf8')).toBe(expected);
    expect(readdirSync(folder)).toEqual(['task_one.jsonl']);
  });

  it('begins anew without `resume`, where the choice says so, and where there is only an opening', async () => {
    const events = randomTreeEvents(2);
    const expected = await whole(events);
    await write(openTreeJournal(folder), events.slice(0, 1));
    const opened = openTreeJournal(folder, { resume: true });
    expect(await opened.recorded(tree)).toEqual([]);
    await write(opened, events);
    expect(readFileSync(path, 'utf8')).toBe(expected);
    await interrupted(events);
    const plain = openTreeJournal(folder);
    expect(await plain.recorded(tree)).toEqual([]);
    const asked: unknown[] = [];
    const choosy = openTreeJournal(folder, {
      resume: ({ settings }, id) => {
        asked.push(settings['policy'], id);
        return false;
      },
    });
    expect(await choosy.recorded(tree)).toEqual([]);
    expect(asked).toEqual(['test', tree]);
    await write(choosy, events.slice(0, 2));
    expect(linesIn(readFileSync(path))).toBe(2);
    expect(await openTreeJournal(folder, { resume: true }).recorded(treeId('other'))).toEqual([]);
  });

  it('refuses a damaged file with the line and the remedy, and appends that do not belong', async () => {
    const events = randomTreeEvents(7);
    const bytes = await interrupted(events);
    const lines = bytes.toString().split('\n').slice(0, -1);
    const put = (index: number, line: string): string =>
      lines.map((each, i) => (i === index ? line : each)).join('\n') + '\n';
    const damages: readonly (readonly [string, RegExp])[] = [
      [put(1, lines[1]!.slice(0, -9)), /jsonl: line 2 is not JSON.*grows that tree anew/],
      [put(2, '{"type":"turn"}'), /jsonl:3: .*grows that tree anew/],
      [put(3, lines[3]!.replace('task/one', 'task/two')), /jsonl:4: .* tree task\/two .*anew/],
      [put(3, lines[0]!), /jsonl:4: the tree is opened a second time.*anew/],
      [lines.slice(1).join('\n') + '\n', /first line is a turn event.*anew/],
      [bytes.toString() + '\0\0\n', /is not JSON/],
    ];
    for (const [content, message] of damages) {
      writeFileSync(path, content);
      const journal = openTreeJournal(folder, { resume: true });
      await expect(journal.recorded(tree)).rejects.toThrow(message);
      await expect(journal.recorded(tree)).rejects.toBeInstanceOf(SparkError);
      await journal.close();
      expect(readFileSync(path, 'utf8')).toBe(content);
    }
    writeFileSync(path, bytes);
    const journal = openTreeJournal(folder, { resume: true });
    await expect(journal.recorded(treeId('task_one'))).rejects.toThrow(/file of tree task\/one/);
    await journal.close();
    const second = openTreeJournal(folder, { resume: true });
    await second.recorded(tree);
    await expect(second.recorded(tree)).rejects.toThrow(/while it grows/);
    await expect(second.append(events[0]!)).rejects.toThrow(/opened a second time/);
    await second.append(events.at(-1)!);
    await expect(second.append(events[1]!)).rejects.toThrow(/before the tree was opened/);
    await second.close();
    await expect(second.append(events[0]!)).rejects.toThrow(/after the journal was closed/);
  });

  it('stays readable when the disk is full, and goes on when there is space again', async () => {
    const events = randomTreeEvents(11);
    const expected = await whole(events);
    const journal = openTreeJournal(folder);
    for (const event of events.slice(0, 4)) await journal.append(event);
    await fillTheDisk();
    const lost = journal.append(events[4]!);
    await expect(lost).rejects.toThrow(/ENOSPC.*The disk is full: free some space, then resume/);
    await expect(lost).rejects.toBeInstanceOf(RunStoreError);
    jest.restoreAllMocks();
    // The torn line stays the last one, and a tree with a gap never ends.
    await expect(journal.append(events[5]!)).rejects.toThrow(/ENOSPC/);
    await expect(journal.append(events.at(-1)!)).rejects.toThrow(/ENOSPC/);
    await journal.close();
    const resumed = openTreeJournal(folder, { resume: true });
    expect(await resumed.recorded(tree)).toEqual(events.slice(0, 4));
    for (const event of events.slice(4, -1)) await resumed.append(event);
    await fillTheDisk();
    await expect(resumed.append(events.at(-1)!)).rejects.toThrow(/ENOSPC/);
    jest.restoreAllMocks();
    await resumed.close();
    const last = openTreeJournal(folder, { resume: true });
    expect(await last.recorded(tree)).toEqual(events.slice(0, -1));
    await write(last, events.slice(-1));
    expect(readFileSync(path, 'utf8')).toBe(expected);
  });

  it('keeps the trees of one journal apart and their appends in order, without waiting for each', async () => {
    const names = ['a', 'b', 'c'].map((name) => treeId(name));
    const all = names.map((name, i) => randomTreeEvents(i, name));
    const journal = openTreeJournal(folder);
    await Promise.all(all.flatMap((events) => events.map((event) => journal.append(event))));
    await journal.close();
    const expected = names.map((name) => readFileSync(join(folder, `${name}.jsonl`), 'utf8'));
    for (const name of names) {
      const lines = readFileSync(join(folder, `${name}.jsonl`), 'utf8').split('\n');
      writeFileSync(join(folder, `${name}.jsonl`), lines[0]! + '\n');
      appendFileSync(join(folder, `${name}.jsonl`), lines[1]!.slice(0, 9));
    }
    const resumed = openTreeJournal(folder, { resume: true });
    await Promise.all(
      all.map(async (events) => {
        const { length } = await resumed.recorded(events[0]!.tree);
        await Promise.all(events.slice(length).map((event) => resumed.append(event)));
      }),
    );
    await resumed.close();
    expect(names.map((name) => readFileSync(join(folder, `${name}.jsonl`), 'utf8'))).toEqual(
      expected,
    );
  });
});

/** Where line `index` of a file ends, in bytes. */
function endOf(bytes: Buffer, index: number): number {
  let end = 0;
  for (let line = 0; line <= index; line++) end = bytes.indexOf(0x0a, end) + 1;
  return end;
}
