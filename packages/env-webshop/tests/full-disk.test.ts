import fs, {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { memoryCatalogue } from '../src/catalogue/catalogue.js';
import { indexCatalogue } from '../src/catalogue/index-catalogue.js';
import { writeCatalogueFiles } from '../src/catalogue/write-catalogue-files.js';
import { syntheticCatalogue } from '../src/generator/synthetic-catalogue.js';
import { readSearchIndex, saveSearchIndex } from '../src/search/index-file.js';
import { madeUp } from './tiny-shop.js';

const folder = mkdtempSync(join(tmpdir(), 'full-disk-'));
const catalogue = syntheticCatalogue({ size: 40 });
const files = writeCatalogueFiles(catalogue, join(folder, 'data'));
const out = join(folder, 'out');
mkdirSync(out);
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => jest.restoreAllMocks());

/** From now on only so many bytes can be written, the last write in part, as on a real disk. */
function room(bytes: number): void {
  const write = fs.writeSync as (...given: unknown[]) => number;
  let left = bytes;
  jest.spyOn(fs, 'writeSync').mockImplementation(((
    file: number,
    from: Uint8Array,
    at: number,
    length: number,
    to: number,
  ) => {
    if (left <= 0) {
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    }
    const count = write(file, from, at, Math.min(length, left), to);
    left -= count;
    return count;
  }) as typeof fs.writeSync);
}

const works: Record<string, (path: string) => unknown> = {
  'a search index': (path) => saveSearchIndex(catalogue, path),
  'a search index in runs': (path) => saveSearchIndex(catalogue, path, { most: 100 }),
  'an index of a catalogue': (path) => indexCatalogue(files, path),
  'data files': (path) => writeCatalogueFiles(catalogue, path),
};

describe('a full disk', () => {
  it.each(Object.keys(works))('leaves nothing of %s, and says so', async (name) => {
    const path = join(out, 'made');
    const writes = jest.spyOn(fs, 'writeSync');
    await works[name]!(path);
    const total = writes.mock.results.reduce((sum, { value }) => sum + Number(value), 0);
    expect(total).toBeGreaterThan(1000);
    for (const share of [0, 0.3, 0.6, 0.9, 0.99]) {
      jest.restoreAllMocks();
      rmSync(path, { recursive: true });
      room(Math.floor(share * total));
      await expect((async () => await works[name]!(path))()).rejects.toThrow(
        /the disk is full: .* Make room/,
      );
      // An empty folder for data files may stay.
      expect(readdirSync(out, { recursive: true }).filter((each) => each !== 'made')).toEqual([]);
      if (existsSync(path)) expect(statSync(path).isDirectory()).toBe(true);
      else mkdirSync(path);
    }
    rmSync(path, { recursive: true });
  });

  it('leaves the index that was there', () => {
    const path = join(out, 'kept');
    saveSearchIndex(catalogue, path);
    const before = readFileSync(path);
    room(100);
    const other = memoryCatalogue([madeUp('B1', { description: 'many words '.repeat(100) })]);
    expect(() => saveSearchIndex(other, path)).toThrow(/the disk is full/);
    expect(readFileSync(path)).toEqual(before);
    readSearchIndex(path).close!();
    expect(readdirSync(out)).toEqual(['kept']);
  });

  it('is told from a path that cannot be written', () => {
    expect(() => saveSearchIndex(catalogue, join(folder, 'none', 'x'))).toThrow(
      /cannot be written \(ENOENT\). Choose a path/,
    );
  });
});
