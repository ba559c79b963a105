import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { memoryCatalogue } from '../src/catalogue/catalogue.js';
import { readPricing } from '../src/catalogue/pricing.js';
import { readCatalogue } from '../src/catalogue/read-catalogue.js';
import { madeUp } from './tiny-shop.js';

const item = {
  asin: 'B01',
  name: 'Mug',
  full_description: 'd',
  pricing: '$19.99 - $27.99 - $30',
  images: ['a.jpg'],
  product_category: 'Home › Mugs',
  small_description: 'one',
  customization_options: {
    Color: [{ value: ' Red/Blue ' }, { value: 'GREEN', image: null }],
    Size: null,
    COLOR: [{ value: 'x' }],
  },
  category: 'garden',
  query: ' Mugs ',
  brand: 'dropped',
};
const instructions = {
  B01: { attributes: ['a'], instruction: 'Find me a', instruction_attributes: ['a'] },
  B02: { attributes: [] },
};

/** Writes the three files and reads them. */
function read(items: unknown, ins: unknown = instructions, human?: unknown, count?: number) {
  const folder = mkdtempSync(join(tmpdir(), 'catalogue-'));
  const write = (name: string, content: unknown): string => {
    const path = join(folder, name);
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  };
  return readCatalogue({
    items: write('items.json', items),
    instructions: write('ins.json', ins),
    ...(human === undefined ? {} : { humanInstructions: write('human.json', human) }),
    ...(count === undefined ? {} : { count }),
  });
}

describe('readCatalogue', () => {
  it('makes products of the three files', async () => {
    const human = {
      B01: [{ instruction: 'a mug.', instruction_attributes: ['a'], instruction_options: ['x'] }],
    };
    const catalogue = await read(
      [item, { ...item, asin: 'B02', pricing: '' }],
      instructions,
      human,
    );
    expect(catalogue.size).toBe(2);
    expect(catalogue.product(0)).toEqual({
      asin: 'B01',
      title: 'Mug',
      description: 'd',
      bulletPoints: ['one'],
      category: 'garden',
      query: 'mugs',
      productCategory: 'Home › Mugs',
      attributes: ['a'],
      prices: [19.99, 27.99],
      priceText: '$19.99 to $27.99',
      // The later group of the same lower-cased name replaces the earlier.
      options: [{ name: 'color', values: ['x'] }],
      image: 'a.jpg',
      instruction: 'Find me a',
      instructionAttributes: ['a'],
      humanInstructions: [{ instruction: 'a mug.', attributes: ['a'], options: ['x'] }],
    });
    expect(catalogue.product(1)).toMatchObject({
      attributes: [],
      instruction: null,
      prices: [100],
    });
  });

  it('normalises option values', async () => {
    const { Color } = item.customization_options;
    const catalogue = await read([{ ...item, customization_options: { Color } }]);
    expect(catalogue.product(0).options).toEqual([
      { name: 'color', values: ['red | blue', 'green'] },
    ]);
  });

  it('skips repeated and overlong codes, and counts entries before that', async () => {
    const entries = ['B01', 'B01', 'nan', 'B0123456789', 'B02'].map((asin) => ({ ...item, asin }));
    expect((await read(entries)).size).toBe(2);
    expect((await read(entries, instructions, undefined, 4)).size).toBe(1);
  });

  it('says what is wrong, and where', async () => {
    await expect(read([{ ...item, asin: 'B03' }])).rejects.toThrow(/no entry for product B03/);
    await expect(read('[nul]')).rejects.toThrow(/byte 4: expected true, false or null/);
    await expect(read([{ ...item, name: 5 }])).rejects.toThrow(/product B01 at byte 1: name:/);
    await expect(read([{ ...item, pricing: '12.99' }])).rejects.toThrow(/no dollar sign/);
    await expect(read({})).resolves.toMatchObject({ size: 0 });
    await expect(read({ a: 1 })).rejects.toThrow(/is an object, not an array/);
    await expect(read([item], [1])).rejects.toThrow(/is an array, not an object/);
    await expect(readCatalogue({ items: '/none', instructions: '/none' })).rejects.toThrow(
      /\/none cannot be read/,
    );
  });
});

describe('readPricing', () => {
  it.each([
    ['$1,234.50', [1234.5], '$1234.5'],
    ['$116.76 - $101.53', [116.76, 101.53], '$116.76 to $101.53'],
    ['from $5', [5], '$5.0'],
    ['', [100], '$100.0'],
  ])('reads %j', (text, prices, priceText) => {
    expect(readPricing(text)).toEqual({ prices, priceText });
  });

  it.each(['$1.2.3', '$', '$5 - $'])('refuses %j', (text) => {
    expect(() => readPricing(text)).toThrow(/holds an amount that is none/);
  });
});

describe('memoryCatalogue', () => {
  it('finds places, tells catalogues apart, and names places that it lacks', () => {
    const catalogue = memoryCatalogue([madeUp('B2'), madeUp('B1'), madeUp('B2')]);
    expect([catalogue.size, catalogue.placeOf('B1'), catalogue.placeOf('B9')]).toEqual([
      2,
      1,
      undefined,
    ]);
    expect(catalogue.fingerprint).not.toBe(memoryCatalogue([madeUp('B1')]).fingerprint);
    expect(() => catalogue.product(2)).toThrow(/no place 2/);
  });
});
