import { memoryCatalogue } from '../src/catalogue/catalogue.js';
import { cumulativeWeights, makeGoals, weightedPlace } from '../src/goals/make-goals.js';
import { drawPriceLimit, priceLimitText } from '../src/goals/price-limit.js';
import { goalRange } from '../src/goals/splits.js';
import { pythonRandom } from '../src/python/python-random.js';
import { madeUp, mug } from './tiny-shop.js';

const human = madeUp('B000000009', {
  prices: [10, 20],
  humanInstructions: [
    { instruction: '..a mug.', attributes: ['hand made'], options: ['blue'] },
    { instruction: 'anything', attributes: [], options: [] },
  ],
});

describe('makeGoals', () => {
  it('makes one goal for each combination of options, the last name varying fastest', () => {
    const { goals, prices } = makeGoals(memoryCatalogue([mug]));
    expect([...prices]).toEqual([5]);
    const all = Array.from({ length: goals.length }, (_, place) => goals.at(place));
    expect(all).toHaveLength(8);
    expect(new Set(all.map(({ priceUpper }) => priceUpper)).size).toBe(1);
    expect(all.every(({ weight }) => weight === 1 / 8)).toBe(true);
    const order = Array.from({ length: 8 }, (_, i) => i);
    pythonRandom(233).shuffle(order);
    // In draft order: color blue with size small, color blue with size large, ...
    expect(all[order.indexOf(1)]).toMatchObject({
      instruction: expect.stringMatching(
        /^Find me hand made mugs with color: blue, and size: large, and price lower than \d0\.00 dollars$/,
      ) as string,
      options: [
        ['color', 'blue'],
        ['size', 'large'],
      ],
    });
  });

  it('makes a goal of each human instruction that asks for an attribute', () => {
    const { goals, prices } = makeGoals(memoryCatalogue([human]), { kind: 'human', preSeed: 1 });
    expect(goals).toHaveLength(1);
    expect(goals.at(0).instruction).toMatch(/^a mug(, and price lower than \d0\.00 dollars)$/);
    expect(goals.at(0)).toMatchObject({ options: ['blue'], weight: 1 });
    // 10 + (20 - 10) * random() of seed 1.
    expect(prices[0]).toBeCloseTo(11.3436, 3);
  });

  it('limits goals by drawing different ones', () => {
    const catalogue = memoryCatalogue([mug]);
    const { goals } = makeGoals(catalogue, { limit: 3 });
    expect(goals).toHaveLength(3);
    const texts = [0, 1, 2].map((place) => goals.at(place).instruction);
    expect(new Set(texts).size).toBe(3);
    expect(makeGoals(catalogue, { limit: 50 }).goals).toHaveLength(8);
    expect(() => goals.at(3)).toThrow(/no goal 3/);
  });

  it('refuses wrong options and instructions that ask for nothing', () => {
    expect(() => makeGoals(memoryCatalogue([]), { shuffleSeed: 0.5 })).toThrow(/shuffleSeed/);
    const empty = { ...mug, instructionAttributes: [] };
    expect(() => makeGoals(memoryCatalogue([empty]))).toThrow(/asks for nothing/);
  });
});

describe('price limits', () => {
  it('are one of the next tens but the first, or none where fewer than two are left', () => {
    const random = pythonRandom(0);
    const drawn = new Set(Array.from({ length: 200 }, () => drawPriceLimit(10, random)));
    expect([...drawn].sort()).toEqual([30, 40, 50]);
    expect(drawPriceLimit(979.99, random)).toBe(990);
    expect(drawPriceLimit(980, random)).toBe(1_000_000);
    expect(priceLimitText(1_000_000)).toBe('');
    expect(priceLimitText(30)).toBe(', and price lower than 30.00 dollars');
  });
});

describe('draws by weight', () => {
  it('never give the first goal, and give the last more often', () => {
    const sums = cumulativeWeights([1, 1, 1]);
    expect(sums).toEqual([0, 1, 2, 3]);
    const random = pythonRandom(5);
    const counts = [0, 0, 0];
    for (let i = 0; i < 300; i++) counts[weightedPlace(sums, random)]!++;
    expect(counts[0]).toBe(0);
    expect(counts[2]).toBeGreaterThan(counts[1]!);
  });
});

it('knows the splits of both divisions', () => {
  expect(goalRange('original', 'train')).toEqual({ start: 1500 });
  expect(goalRange('verl-agent', 'val')).toEqual({ start: 0, end: 500 });
  expect(goalRange('verl-agent', 'toString')).toBeUndefined();
  expect(goalRange('original', 'all')).toEqual({ start: 0 });
});
