import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { memoryCatalogue } from '../src/catalogue/catalogue.js';
import { readCatalogue } from '../src/catalogue/read-catalogue.js';
import { syntheticCatalogue, syntheticNouns } from '../src/generator/synthetic-catalogue.js';
import { wordNouns } from '../src/reward/nouns.js';
import { openShop } from '../src/shop/shop.js';
import { checkData } from '../src/validate/check-data.js';
import { checkGoals } from '../src/validate/check-goals.js';
import type { DataProblem } from '../src/validate/data-problem.js';
import { describeWithData, files1k } from './data.js';
import { madeUp } from './tiny-shop.js';

const item = (asin: string, more: object = {}) => ({
  asin,
  name: `Mug ${asin}`,
  full_description: '',
  pricing: '$5.00',
  images: [],
  product_category: 'Home',
  small_description: [],
  customization_options: '',
  category: 'garden',
  query: 'mugs',
  ...more,
});

const entry = { attributes: ['red'], instruction: 'Find mugs', instruction_attributes: ['red'] };

async function check(items: unknown, instructions: unknown, human?: unknown) {
  const folder = mkdtempSync(join(tmpdir(), 'webshop-check-'));
  const write = (name: string, content: unknown): string => {
    const path = join(folder, name);
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  };
  const problems: DataProblem[] = [];
  const files = {
    items: write('items.json', items),
    instructions: write('ins.json', instructions),
    ...(human !== undefined && { humanInstructions: write('human.json', human) }),
  };
  const counts = await checkData(files, (problem) => problems.push(problem));
  return { counts, problems, kinds: problems.map(({ kind }) => kind) };
}

describe('checkData', () => {
  it('finds nothing wrong in good files, and counts what they hold', async () => {
    const { counts, problems } = await check(
      [
        item('B1', { pricing: '' }),
        item('B2', { pricing: '$9.00 - $7.00', customization_options: { Size: [{ value: 'S' }] } }),
      ],
      { B1: entry, B2: { attributes: [] } },
      { B1: [{ instruction: 'mugs', instruction_attributes: ['red'], instruction_options: [] }] },
    );
    expect(problems).toEqual([]);
    expect(counts).toEqual({
      products: 2,
      skipped: 0,
      withoutPrice: 1,
      priceRanges: 1,
      fallingRanges: 1,
      withOptions: 1,
      withoutAttributes: 1,
      instructions: 1,
      humanProducts: 1,
      humanInstructions: 1,
    });
  });

  it('goes on after each error, and says where it is', async () => {
    const items = [
      item('B1', { pricing: 'five' }),
      item('B2', { pricing: '$five' }),
      item('B3', { name: 7 }),
      item('B4'),
      item('B5'),
      { name: 'no asin' },
      item('B6'),
    ];
    const { problems, counts } = await check(items, {
      B1: entry,
      B2: entry,
      B3: entry,
      B5: { ...entry, instruction_attributes: [] },
      B6: { attributes: 'red' },
    });
    expect(problems.map(({ kind, asin, severity }) => [kind, asin, severity])).toEqual([
      ['wrong field', 'B6', 'error'],
      ['wrong price', 'B1', 'error'],
      ['wrong price', 'B2', 'error'],
      ['wrong field', 'B3', 'error'],
      ['no instruction entry', 'B4', 'error'],
      ['instruction without attributes', 'B5', 'error'],
      ['wrong field', null, 'error'],
    ]);
    // "[" and the first product stand before the second one and its comma.
    expect(problems[2]!.byte).toBe(2 + JSON.stringify(items[0]).length);
    expect(problems[3]!.message).toContain('name');
    expect(problems[3]!.message).not.toContain('Correct that field');
    expect(counts.products).toBe(3);
  });

  it('warns of what the shop skips and of what no action can name', async () => {
    const { problems, counts } = await check(
      [
        item('B1', { customization_options: { Size: [{ value: 'a[b' }] } }),
        item('B1'),
        item('B0000000001'),
      ],
      { B1: entry, B9: entry },
    );
    expect(problems.map(({ kind }) => kind)).toEqual([
      'option that no action can name',
      'duplicate product',
      'unusable identifier',
      'unused entry',
    ]);
    expect(problems.every(({ severity }) => severity === 'warning')).toBe(true);
    expect(counts.skipped).toBe(2);
  });

  it('names the byte of damage, and reads what stands before it', async () => {
    const text = JSON.stringify([item('B1')]).replace(/\]$/, ',}');
    const { problems, counts } = await check(text, { B1: entry });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({
      kind: 'damaged',
      severity: 'error',
      byte: text.length - 1,
    });
    expect(counts.products).toBe(1);
  });

  it('tells the wrong file, and one that is not there', async () => {
    expect((await check({ B1: entry }, [entry])).kinds).toEqual(['wrong form', 'wrong form']);
    const problems: DataProblem[] = [];
    const gone = { items: '/nowhere/items.json', instructions: '/nowhere/ins.json' };
    await checkData(gone, (problem) => problems.push(problem));
    expect(problems.map(({ kind }) => kind)).toEqual(['unreadable', 'unreadable']);
  });
});

describe('checkGoals', () => {
  it('buys every goal of a synthetic catalogue for the full reward', () => {
    const shop = openShop({
      catalogue: syntheticCatalogue({ size: 120, seed: 5 }),
      nouns: syntheticNouns,
    });
    const all = checkGoals(shop);
    expect(all).toEqual({ goals: all.goals, tried: all.goals, full: all.goals, weak: [] });
    expect(checkGoals(shop, { count: 7 })).toMatchObject({ tried: 7, full: 7 });
  });

  it('says why a goal earns less or cannot be bought', () => {
    const asks = { instruction: 'Find mugs', instructionAttributes: ['red'], attributes: ['red'] };
    const shop = openShop({
      catalogue: memoryCatalogue([
        // It has not what it is asked for: the price is met, the attribute is not.
        madeUp('B1', { ...asks, title: 'Cup', attributes: [] }),
        madeUp('B2', { ...asks, options: [{ name: 'size', values: ['a[b'] }] }),
        madeUp('B3', asks),
      ]),
      nouns: wordNouns,
    });
    const { full, weak } = checkGoals(shop);
    expect(full).toBe(1);
    expect(new Map(weak.map((each) => [each.asin, each]))).toEqual(
      new Map([
        ['B1', expect.objectContaining({ reward: 0.5, reason: 'not met: attribute red' })],
        ['B2', expect.objectContaining({ reward: null })],
      ]),
    );
  });
});

describeWithData('the 1,000-product set (needs ../shared/data)', () => {
  it('has no errors and 6,910 goals', async () => {
    const problems: DataProblem[] = [];
    const counts = await checkData(files1k, (problem) => problems.push(problem));
    expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(counts).toMatchObject({ products: 1000, withoutPrice: 89, priceRanges: 93 });
    const shop = openShop({ catalogue: await readCatalogue(files1k), nouns: wordNouns });
    expect(checkGoals(shop, { count: 20 })).toMatchObject({ goals: 6910, tried: 20 });
  });
});
