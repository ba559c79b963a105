import { appendFileSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Catalogue } from '../src/catalogue/catalogue.js';
import { openCatalogue } from '../src/catalogue/disk-catalogue.js';
import { indexCatalogue } from '../src/catalogue/index-catalogue.js';
import { factsOfProduct } from '../src/catalogue/product-facts.js';
import { readCatalogue } from '../src/catalogue/read-catalogue.js';
import { makeGoals, type GoalOptions } from '../src/goals/make-goals.js';
import { describeWithData, files1k } from './data.js';

const folder = mkdtempSync(join(tmpdir(), 'disk-catalogue-'));
const write = (name: string, content: unknown): string => {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify(content));
  return path;
};
const item = (asin: string, pricing: string) => ({
  asin,
  name: `Mug ${asin} ★`,
  full_description: '',
  pricing,
  images: [],
  product_category: 'a',
  small_description: ['é'],
  customization_options: { Size: [{ value: 'S' }, { value: 'M' }] },
  category: 'garden',
  query: 'mugs',
});
const files = {
  items: write('items.json', [
    item('B1', '$1 - $2'),
    item('B1', ''),
    item('B2', '$3'),
    item('B3', ''),
  ]),
  instructions: write('ins.json', {
    B1: { attributes: ['a'], instruction: 'Find me é', instruction_attributes: ['a', 'b\n'] },
    B2: { attributes: [] },
  }),
  humanInstructions: write('human.json', {
    B3: [{ instruction: 'x', instruction_attributes: ['a'], instruction_options: [] }],
  }),
};
const index = join(folder, 'catalogue.index');

/** Every product, fact and goal of a catalogue. */
const contentOf = (catalogue: Catalogue, goals: GoalOptions = {}) => {
  const { goals: list, prices } = makeGoals(catalogue, goals);
  const places = Array.from({ length: catalogue.size }, (_, place) => place);
  return {
    fingerprint: catalogue.fingerprint,
    products: places.map((place) => [
      catalogue.placeOf(catalogue.asin(place)),
      catalogue.product(place),
    ]),
    prices: [...prices],
    goals: Array.from({ length: list.length }, (_, place) => list.at(place)),
  };
};

describe('a catalogue on disk', () => {
  it.each(['synthetic', 'human'] as const)(
    'is the same as in memory, with %s goals',
    async (kind) => {
      await indexCatalogue(files, index);
      const disk = await openCatalogue(files, index);
      expect(contentOf(disk, { kind })).toEqual(contentOf(await readCatalogue(files), { kind }));
      expect(disk.size).toBe(3);
      for (let place = 0; place < 3; place++)
        expect(disk.facts!(place)).toEqual(factsOfProduct(disk.product(place)));
      expect(disk.placeOf('B9')).toBeUndefined();
      expect(() => disk.product(3)).toThrow(/no place 3/);
      disk.close!();
    },
  );

  it('refuses files that changed, and an index of another kind', async () => {
    await indexCatalogue(files, index);
    appendFileSync(files.items, ' ');
    await expect(openCatalogue(files, index)).rejects.toThrow(/items\.json has changed/);
    writeFileSync(index, 'SPARKWS1 is a search index');
    await expect(openCatalogue(files, index)).rejects.toThrow(/not an index of this kind/);
  });
});

describeWithData('the 1,000-product set on disk (skipped without shared/data)', () => {
  it('is the same as in memory', async () => {
    const path = join(folder, '1k.index');
    await indexCatalogue(files1k, path);
    const disk = await openCatalogue(files1k, path);
    expect(contentOf(disk)).toEqual(contentOf(await readCatalogue(files1k)));
    disk.close!();
  });
});
