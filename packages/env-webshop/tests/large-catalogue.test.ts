import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import fc from 'fast-check';

import { memoryCatalogue } from '../src/catalogue/catalogue.js';
import { openCatalogue } from '../src/catalogue/disk-catalogue.js';
import { indexCatalogue } from '../src/catalogue/index-catalogue.js';
import { readCatalogue } from '../src/catalogue/read-catalogue.js';
import { writeCatalogueFiles } from '../src/catalogue/write-catalogue-files.js';
import { syntheticCatalogue } from '../src/generator/synthetic-catalogue.js';
import { makeGoals } from '../src/goals/make-goals.js';
import { readSearchIndex, saveSearchIndex } from '../src/search/index-file.js';
import { buildSearchIndex, searchText } from '../src/search/search-index.js';
import { searchEngine } from '../src/search/search.js';
import { madeUp } from './tiny-shop.js';

jest.setTimeout(120_000);

const folder = mkdtempSync(join(tmpdir(), 'large-catalogue-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const text = fc.string({ unit: fc.constantFrom('a', 'mug ', '★', '"', '\\', '\n', '😀', '<') });
const words = fc.array(text, { maxLength: 3 });
const price = fc.integer({ min: 1, max: 99_999 }).map((cents) => cents / 100);
const product = fc
  .record({
    title: text,
    description: text,
    bulletPoints: words,
    attributes: words,
    prices: fc.oneof(fc.tuple(price), fc.tuple(price, price)),
    options: fc.uniqueArray(
      fc.record({
        name: fc.constantFrom('size', 'color', 'flavor name'),
        values: fc.array(fc.constantFrom('red | blue', 'small', 'é'), { maxLength: 3 }),
      }),
      { selector: ({ name }) => name },
    ),
    image: fc.constantFrom(null, 'a.jpg'),
    asked: fc.option(fc.array(text, { minLength: 1, maxLength: 3 })),
    humanInstructions: fc.array(
      fc.record({ instruction: text, attributes: words, options: words }),
      { maxLength: 2 },
    ),
  })
  .map(({ asked, ...rest }) => ({
    ...rest,
    instruction: asked === null ? null : 'find me',
    instructionAttributes: asked ?? [],
  }));

it('is the same in memory, in data files and on disk, whatever its products are', async () => {
  const index = join(folder, 'index');
  await fc.assert(
    fc.asyncProperty(fc.array(product, { maxLength: 6 }), async (products) => {
      const made = memoryCatalogue(
        // What a price range is called follows from the two prices when it is read.
        products.map((each, i) => madeUp(`B${9 - i}`, { ...each, priceText: 'x' })),
      );
      const files = writeCatalogueFiles(made, folder);
      await indexCatalogue(files, index);
      const disk = await openCatalogue(files, index);
      const read = await readCatalogue(files);
      expect([read.size, disk.size]).toEqual([made.size, made.size]);
      for (let place = 0; place < made.size; place++) {
        expect({ ...read.product(place), priceText: 'x' }).toEqual(made.product(place));
        expect(disk.product(place)).toEqual(read.product(place));
        expect(disk.placeOf(disk.asin(place))).toBe(place);
      }
      for (const kind of ['synthetic', 'human'] as const) {
        const [one, two] = [makeGoals(read, { kind }), makeGoals(disk, { kind })];
        expect([...two.prices]).toEqual([...one.prices]);
        expect(two.goals.length).toBe(one.goals.length);
        for (let i = 0; i < one.goals.length; i++) expect(two.goals.at(i)).toEqual(one.goals.at(i));
      }
      disk.close!();
    }),
    { numRuns: 40 },
  );
  expect(readdirSync(folder).sort()).toEqual([
    'index',
    'items_human_ins.json',
    'items_ins_v2.json',
    'items_shuffle.json',
  ]);
});

describe('20,000 products', () => {
  const size = 20_000;
  const catalogue = syntheticCatalogue({ size });
  const path = join(folder, 'search.index');

  it('are found the same from an index that was sorted in many runs, which is smaller than the texts', () => {
    saveSearchIndex(catalogue, path, { most: 50_000 });
    const saved = readSearchIndex(path);
    const memory = buildSearchIndex(catalogue);
    const [one, two] = [searchEngine(catalogue, memory), searchEngine(catalogue, saved)];
    const { goals } = makeGoals(catalogue);
    for (let i = 0; i < 100; i++) {
      const { instruction } = goals.at((i * 97) % goals.length);
      expect(two.search(instruction, 50)).toEqual(one.search(instruction, 50));
    }
    saved.close!();
    let characters = 0;
    for (let place = 0; place < size; place++)
      characters += searchText(catalogue.product(place)).length;
    expect(statSync(path).size).toBeLessThan(characters / 2);
  });

  it('take less than 110 bytes each in the index of the catalogue, however long their texts are', async () => {
    const sizes: number[] = [];
    for (const detail of ['brief', 'full'] as const) {
      const made = syntheticCatalogue({ size: 2000, detail });
      const files = writeCatalogueFiles(made, join(folder, detail));
      const index = join(folder, `${detail}.index`);
      await indexCatalogue(files, index);
      sizes.push(statSync(index).size / made.size);
    }
    expect(Math.max(...sizes)).toBeLessThan(110);
    expect(Math.abs(sizes[0]! - sizes[1]!)).toBeLessThan(10);
  });
});
