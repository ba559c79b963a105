import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import fc from 'fast-check';

import { memoryCatalogue } from '../src/catalogue/catalogue.js';
import { readSearchIndex, saveSearchIndex } from '../src/search/index-file.js';
import { decodePostings, postingsBuffer } from '../src/search/postings.js';
import { buildSearchIndex, type SearchIndex } from '../src/search/search-index.js';
import { searchEngine } from '../src/search/search.js';
import { madeUp } from './tiny-shop.js';

const folder = mkdtempSync(join(tmpdir(), 'search-index-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const path = join(folder, 'index');
const catalogue = memoryCatalogue([
  madeUp('B1', { title: 'red mug ★' }),
  madeUp('B2', { title: 'naïve cup' }),
]);

/** All that an index says. */
function contentOf(index: SearchIndex): unknown {
  const { fingerprint, size, totalTerms } = index;
  const buffer = postingsBuffer(size);
  const terms = Array.from({ length: index.terms.length }, (_, number) => {
    const count = decodePostings(index.postings(number), buffer);
    const at = (column: ArrayLike<number>): number[] => Array.from(column).slice(0, count);
    return [index.terms.at(number), at(buffer.places), at(buffer.frequencies)];
  });
  return { fingerprint, size, totalTerms, terms, lengths: [...index.lengths] };
}

describe('a saved index', () => {
  it('comes back the same and answers the same, however often it went to disk meanwhile', () => {
    const words = fc.constantFrom(
      'red',
      'mug',
      'cup',
      'ｘ',
      '𝐀',
      'naïve',
      '★',
      '漢字',
      'a'.repeat(300),
    );
    const texts = fc.array(fc.array(words, { maxLength: 5 }), { maxLength: 12 });
    fc.assert(
      fc.property(texts, fc.integer({ min: 1, max: 8 }), (titles, most) => {
        const made = memoryCatalogue(
          titles.map((title, i) => madeUp(`B${i}`, { title: title.join(' ') })),
        );
        const index = buildSearchIndex(made);
        saveSearchIndex(made, path, { most });
        const read = readSearchIndex(path);
        expect(contentOf(read)).toEqual(contentOf(index));
        expect(searchEngine(made, read).search('cup 𝐀 aaa mug ★', 5)).toEqual(
          searchEngine(made, index).search('cup 𝐀 aaa mug ★', 5),
        );
        read.close!();
      }),
      { numRuns: 60 },
    );
    expect(readdirSync(folder)).toEqual(['index']);
  });

  it('may have many postings of a term, far apart and often', () => {
    const made = memoryCatalogue(
      Array.from({ length: 300 }, (_, i) =>
        madeUp(`B${i}`, { title: i % 150 === 1 ? 'x '.repeat(i + 70_000) : '' }),
      ),
    );
    const index = buildSearchIndex(made);
    saveSearchIndex(made, path);
    const read = readSearchIndex(path);
    const content = contentOf(read) as { readonly terms: readonly unknown[] };
    expect(content).toEqual(contentOf(index));
    expect(content.terms).toContainEqual(['x', [1, 151], [65_535, 65_535]]);
    read.close!();
  });

  it('is refused for another catalogue, when cut off, and when it is something else', () => {
    saveSearchIndex(catalogue, path);
    const other = memoryCatalogue([madeUp('B1')]);
    const whole = readSearchIndex(path);
    expect(() => searchEngine(other, whole)).toThrow(/another catalogue.*Build the index/);
    whole.close!();
    const bytes = readFileSync(path);
    for (const length of [20, bytes.length >> 1, bytes.length - 1]) {
      writeFileSync(join(folder, 'cut'), bytes.subarray(0, length));
      expect(() => readSearchIndex(join(folder, 'cut'))).toThrow(/is cut off. Build the index/);
    }
    writeFileSync(join(folder, 'old'), Buffer.concat([Buffer.from('SPARKWS1'), bytes.subarray(8)]));
    expect(() => readSearchIndex(join(folder, 'old'))).toThrow(/not an index of this kind and/);
    writeFileSync(join(folder, 'text'), 'hello world, this is text');
    expect(() => readSearchIndex(join(folder, 'text'))).toThrow(/not an index of this kind/);
    expect(() => readSearchIndex(join(folder, 'none'))).toThrow(/cannot be read/);
  });
});
