import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { memoryCatalogue } from '../src/catalogue/catalogue.js';
import { readSearchIndex, writeSearchIndex } from '../src/search/index-file.js';
import { buildSearchIndex } from '../src/search/search-index.js';
import { searchEngine } from '../src/search/search.js';
import { madeUp } from './tiny-shop.js';

const folder = mkdtempSync(join(tmpdir(), 'search-index-'));
const path = join(folder, 'index');
const catalogue = memoryCatalogue([
  madeUp('B1', { title: 'red mug ★' }),
  madeUp('B2', { title: 'naïve cup' }),
]);

describe('a saved index', () => {
  it('comes back the same and answers the same', () => {
    const index = buildSearchIndex(catalogue);
    writeSearchIndex(path, index);
    const read = readSearchIndex(path);
    expect(read).toEqual(index);
    expect(searchEngine(catalogue, read).search('cup mug', 5)).toEqual(
      searchEngine(catalogue, index).search('cup mug', 5),
    );
  });

  it('may be empty', () => {
    const empty = buildSearchIndex(memoryCatalogue([]));
    writeSearchIndex(join(folder, 'empty'), empty);
    expect(readSearchIndex(join(folder, 'empty'))).toEqual(empty);
  });

  it('is refused for another catalogue, when cut off, and when it is something else', () => {
    writeSearchIndex(path, buildSearchIndex(catalogue));
    const other = memoryCatalogue([madeUp('B1')]);
    expect(() => searchEngine(other, readSearchIndex(path))).toThrow(/another catalogue/);
    const bytes = readFileSync(path);
    for (const length of [20, bytes.length - 1]) {
      writeFileSync(join(folder, 'cut'), bytes.subarray(0, length));
      expect(() => readSearchIndex(join(folder, 'cut'))).toThrow(/is cut off/);
    }
    writeFileSync(join(folder, 'text'), 'hello world, this is text');
    expect(() => readSearchIndex(join(folder, 'text'))).toThrow(/not an index of this kind/);
    expect(() => readSearchIndex(join(folder, 'none'))).toThrow(/cannot be read/);
  });
});
