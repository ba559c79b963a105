import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { lockFolder, lockHolder, openTreeJournal, readTree, salvageTree } from '../src/index.js';
import { randomTreeEvents } from './random-tree.js';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'salvage-'));
  const journal = openTreeJournal(folder);
  for (const event of randomTreeEvents(7)) await journal.append(event);
  await journal.close();
  path = join(folder, 'task_one.jsonl');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('salvageTree', () => {
  it('reads a sound file as readTree does', async () => {
    const salvaged = await salvageTree(path);
    expect(salvaged?.problems).toEqual([]);
    expect(salvaged?.found).toEqual(await readTree(path));
  });

  it('names a damaged line, and keeps the rest', async () => {
    const lines = (await readFile(path, 'utf8')).split('\n');
    const leaf = lines.findIndex((line) => line.includes('"type":"leaf"'));
    lines[leaf] = lines[leaf]!.slice(0, 20);
    await writeFile(path, lines.join('\n'));
    const salvaged = await salvageTree(path);
    expect(salvaged?.problems).toEqual([{ line: leaf + 1, reason: 'is not JSON' }]);
    expect(salvaged?.found?.finished).toBe(true);
    await expect(readTree(path)).rejects.toThrow('is not JSON');
  });

  it('leaves out what followed a lost turn, and says so for each line', async () => {
    const lines = (await readFile(path, 'utf8')).split('\n');
    const first = lines.findIndex((line) => line.includes('"type":"turn"'));
    lines.splice(first, 1, 'garbage');
    await writeFile(path, lines.join('\n'));
    const salvaged = await salvageTree(path);
    expect(salvaged?.problems[0]).toEqual({ line: first + 1, reason: 'is not JSON' });
    expect(salvaged?.found?.tree.turns.has('0' as never)).toBe(false);
    for (const { reason } of salvaged!.problems.slice(1))
      expect(reason).toContain('not in the tree');
  });

  it('survives binary garbage and a missing opening', async () => {
    const lines = (await readFile(path, 'utf8')).split('\n');
    await writeFile(path, lines.slice(1).join('\n'));
    await appendFile(path, Buffer.from([0xff, 0xfe, 0x00, 0x0a]));
    const salvaged = await salvageTree(path);
    expect(salvaged?.found).toBeUndefined();
    expect(salvaged?.problems.map(({ line }) => line)).toEqual(lines.slice(1).map((_, i) => i + 1));
  });

  it('finds nothing in an absent file', async () => {
    expect(await salvageTree(join(folder, 'absent.jsonl'))).toBeUndefined();
  });
});

describe('lockHolder', () => {
  it('names this process while it holds the folder', async () => {
    const unlock = await lockFolder(folder);
    expect(await lockHolder(folder)).toBe(process.pid);
    await unlock();
    expect(await lockHolder(folder)).toBeUndefined();
  });

  it('knows a process that is gone', async () => {
    await writeFile(join(folder, 'lock'), '999999999');
    expect(await lockHolder(folder)).toBeUndefined();
  });
});
