import type { Task } from '@spark-rl/core';
import fc from 'fast-check';

import { readInstruction } from '../src/expert/read-instruction.js';
import { readPage } from '../src/expert/read-page.js';
import { productCodes } from '../src/generator/product-code.js';
import { shopExpert, type ShopExpertOptions } from '../src/expert/shop-expert.js';
import { syntheticCatalogue, syntheticNouns } from '../src/generator/synthetic-catalogue.js';
import { webshopEnvironment, type WebshopOptions } from '../src/shop/environment.js';
import { openShop } from '../src/shop/shop.js';
import { solveGoal } from '../src/shop/solve-goal.js';

const shop = openShop({ catalogue: syntheticCatalogue({ size: 400 }), nouns: syntheticNouns });

describe('productCodes', () => {
  it('gives every place of a catalogue a code of its own, which tells it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5_000_000 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (size, at) => {
          const { codeAt, placeOf } = productCodes(size, 30);
          const place = Math.floor(at * size);
          expect(codeAt(place)).toMatch(/^([B-Z][AEIOU][B-Z][AEIOU][B-Z]){2}$/);
          expect(placeOf(codeAt(place))).toBe(place);
        },
      ),
      { numRuns: 30 },
    );
    const { codeAt, placeOf } = productCodes(5, 30);
    const all = [0, 1, 2, 3, 4].map(codeAt);
    expect(new Set(all).size).toBe(5);
    expect(placeOf(codeAt(5))).toBeUndefined();
  });

  it('tells products of a kind apart by the first word, and the kind by the second', () => {
    const { codeAt } = productCodes(4000, 30);
    // Thirty kinds: these are the products of one.
    const firsts = Array.from({ length: 133 }, (_, i) => codeAt(30 * i).slice(0, 5));
    expect(new Set(firsts).size).toBe(133);
    expect(codeAt(0).slice(5)).toBe(codeAt(3990).slice(5));
  });
});

describe('syntheticCatalogue', () => {
  it('makes the same products for the same seed, in any order', () => {
    const [one, two] = [syntheticCatalogue({ size: 10 }), syntheticCatalogue({ size: 10 })];
    for (let place = 9; place >= 0; place--) expect(one.product(place)).toEqual(two.product(place));
    expect(syntheticCatalogue({ seed: 1 }).product(0)).not.toEqual(one.product(0));
    expect(one.placeOf(one.asin(7))).toBe(7);
    const none = ['BABABBABAQ', one.asin(7).toLowerCase(), 'B', ''].map(one.placeOf);
    expect(none).toEqual([undefined, undefined, undefined, undefined]);
    expect(() => one.product(10)).toThrow(/no place 10/);
    expect(() => syntheticCatalogue({ size: 0 })).toThrow(/size/);
  });

  it('has the shares and lengths of the real data', () => {
    const catalogue = syntheticCatalogue({ detail: 'full' });
    const products = Array.from({ length: 1000 }, (_, place) => catalogue.product(place));
    const mean = (value: (product: (typeof products)[number]) => number): number =>
      products.reduce((sum, product) => sum + value(product), 0) / products.length;
    const near = (value: number, low: number, high: number): void => {
      expect(value).toBeGreaterThan(low);
      expect(value).toBeLessThan(high);
    };
    near(
      mean(({ title }) => title.length),
      95,
      145,
    );
    near(
      mean(({ description }) => description.length),
      430,
      590,
    );
    near(
      mean(({ bulletPoints }) => bulletPoints.length),
      4.2,
      5.2,
    );
    near(
      mean(({ options }) => options.length),
      0.5,
      0.72,
    );
    near(
      mean(({ attributes }) => attributes.length),
      2.4,
      3.2,
    );
    near(
      mean(({ attributes }) => (attributes.length === 0 ? 1 : 0)),
      0.14,
      0.23,
    );
  });

  it('tells every attribute somewhere', () => {
    for (let place = 0; place < 200; place++) {
      const { attributes, title, bulletPoints } = shop.catalogue.product(place);
      const text = [title, ...bulletPoints].join(' ').toLowerCase();
      expect(attributes.filter((attribute) => !text.includes(attribute))).toEqual([]);
    }
  });
});

/** Plays an expert on tasks; returns the mean score. */
async function play(expert: ShopExpertOptions, options: Partial<WebshopOptions> = {}) {
  const world = webshopEnvironment({ shop, ...options });
  const modes = new Set<string>();
  let sum = 0;
  const tasks = world.tasks({ split: 'all', count: 60, seed: 2 }) as readonly Task[];
  for (const task of tasks) {
    const start = await world.reset(task);
    const session = shopExpert(expert).begin({ instruction: start.instruction, key: [task.id] });
    let { state, observation, status, score } = start;
    while (status === 'running') {
      const turn = session.act(observation);
      modes.add(turn.mode);
      ({ state, observation, status, score } = await world.step(state, turn.action));
    }
    sum += score;
  }
  return { score: sum / tasks.length, modes: [...modes].sort() };
}

describe('solveGoal', () => {
  it('always earns the full reward on synthetic goals', async () => {
    const world = webshopEnvironment({ shop });
    for (const task of world.tasks({ split: 'all', count: 60 }) as readonly Task[]) {
      let { state, score } = await world.reset(task);
      const actions = solveGoal(shop, state.session.goal);
      for (const action of actions ?? []) ({ state, score } = await world.step(state, action));
      expect([task.id, score]).toEqual([task.id, 1]);
    }
  });

  it('gives up on goals whose product the shop does not have', () => {
    expect(solveGoal(shop, { ...shop.goals.at(0), asin: 'X' })).toBeNull();
    expect(solveGoal(shop, { ...shop.goals.at(0), name: 'zzz' })).toBeNull();
  });
});

describe('shopExpert', () => {
  it('shops well, explores where it cannot know, and plays the same way again', async () => {
    const first = await play({});
    expect(first.score).toBeGreaterThan(0.85);
    expect(first.modes).toEqual(['explore', 'think']);
    expect(await play({}, { format: 'verl-agent' })).toEqual(first);
    expect((await play({ choiceNoise: 1, forgetfulness: 1 })).score).toBeLessThan(
      first.score - 0.1,
    );
    expect(() => shopExpert({ choiceNoise: 2 })).toThrow(/choiceNoise/);
  });

  it('reads instructions', () => {
    expect(
      readInstruction(
        'Find me gluten free, low carb chips with non gmo with flavor name: sea salt, and size: pack of 2, and price lower than 20.00 dollars',
      ),
    ).toEqual({
      phrase: 'gluten free, low carb chips with non gmo',
      attributes: ['gluten free', 'non gmo'],
      options: [
        ['flavor name', 'sea salt'],
        ['size', 'pack of 2'],
      ],
      priceLimit: 20,
    });
    expect(readInstruction(' with ')).toMatchObject({ options: [], priceLimit: Infinity });
  });

  it('reads pages', () => {
    expect(
      readPage(
        'Instruction: [SEP] x [SEP] Back to Search [SEP] Page 2 (Total results: 11) [SEP] < Prev [SEP] Next > [SEP] B000000001 [SEP] Mug [SEP] $5.0 to $9.0',
      ),
    ).toEqual({
      kind: 'results',
      page: 2,
      offers: [{ asin: 'B000000001', title: 'Mug', price: 5 }],
    });
    expect(readPage('Search').kind).toBe('search');
    expect(readPage("'Back to Search' [SEP] '< Prev' [SEP] 'soft'")).toEqual({
      kind: 'sub-page',
      text: 'soft',
    });
  });
});
