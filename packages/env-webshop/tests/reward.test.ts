import { attributeReward } from '../src/reward/attribute-reward.js';
import { tableNouns, wordNouns } from '../src/reward/nouns.js';
import { normalizeColor, optionReward } from '../src/reward/option-reward.js';
import { reward, type RewardedGoal, type RewardedProduct } from '../src/reward/reward.js';
import { matchingCharacters } from '../src/reward/sequence-matcher.js';
import { tokenSetRatio } from '../src/reward/token-set-ratio.js';
import { typeReward } from '../src/reward/type-reward.js';
import { winkNouns } from '../src/reward/wink-nouns.js';
import { COLORS } from '../src/reward/colors.js';
import { describeWithData, readData } from './data.js';

const product = (name: string, productCategory = 'a › b', query = 'q') => ({
  name,
  productCategory,
  query,
});

describe('tokenSetRatio', () => {
  it.each([
    ['blue jeans', 'jeans blue', 100],
    ['blue', 'dark blue', 100],
    // No word in common: 'abcd' and 'abxy' share "ab", 2 * 2 / 8.
    ['abcd', 'abxy', 50],
    // 2 * 1 / 16 = 12.5 %, and a half goes to the even 12.
    ['aqqqqqqq', 'azzzzzzz', 12],
    ['', 'a', 0],
    ['!!', '??', 0],
    // Latin-1 letters are dropped, others stay; an underscore is part of a word.
    ['é', 'e', 0],
    ['a_b', 'a b', 67],
  ])('%j with %j is %d', (a, b, expected) => {
    expect(tokenSetRatio(a, b)).toBe(expected);
  });

  it('ignores frequent characters of long texts, as difflib does', () => {
    const long = [...`${'x'.repeat(150)}${'y'.repeat(60)}`];
    expect(matchingCharacters(['y'], long)).toBe(0);
    expect(matchingCharacters(['y'], long.slice(0, 199))).toBe(1);
    // What is ignored does not begin a match, but it prolongs even an empty one at the beginning.
    expect(matchingCharacters(['x'], long)).toBe(1);
  });
});

describe('rewards', () => {
  it('finds the first colour of the list in a text', () => {
    expect(normalizeColor('navy blue')).toBe('blue');
    expect(normalizeColor('dark grey')).toBe('dark');
    expect(normalizeColor('peppermint')).toBe('mint');
    expect(normalizeColor('xl')).toBe('xl');
  });

  it('compares pairs with their names, and colours only as whole values', () => {
    // The chosen one becomes "green", which is among the words (color, green, stripe).
    expect(optionReward(['green stripe'], [['color', 'green stripe']]).matches).toBe(1);
    expect(optionReward(['navy blue'], ['navy']).matches).toBe(0);
    expect(optionReward(['navy blue'], [['color', 'navy stripe']]).matches).toBe(0);
    expect(optionReward(['green'], [['color', 'green']])).toEqual({ matches: 1, reward: 1 });
    expect(optionReward(['x-large'], [['size', 'x-large']]).reward).toBe(1);
    expect(optionReward([], [])).toEqual({ matches: 0, reward: null });
  });

  it('looks for attributes in the texts, to the letter', () => {
    const texts = { attributes: ['tea tree'], title: 'NON GMO', bulletPoints: ['Bpa', 'Free'] };
    const wanted = ['tea tree', 'non gmo', 'bpa free', 'Tea', 'vegan'];
    // 'Tea' is a subset of 'tea tree' (100); 'vegan' is nowhere.
    expect(attributeReward({ ...texts, description: '' }, wanted).matches).toBe(4);
  });

  it('lets the title score override a matching query', () => {
    const goal = product('one two three four five six seven eight nine ten eleven');
    expect(typeReward(product('one'), goal, wordNouns).reward).toBe(0.1);
    expect(typeReward(product('zero'), goal, wordNouns).reward).toBe(0);
    expect(typeReward(product('one two'), goal, wordNouns).reward).toBe(1);
    const other = product('one two', 'c › d', 'r');
    expect(typeReward(other, goal, wordNouns)).toEqual({
      reward: 0.5,
      queryMatch: false,
      categoryMatch: false,
      titleScore: 2 / 11,
    });
    expect(typeReward(product('x'), product(''), wordNouns).titleScore).toBe(0.2);
  });

  it('counts repeated nouns of the goal, so that an exact purchase can score below 1', () => {
    expect(typeReward(product('tea tea'), product('tea tea'), wordNouns).titleScore).toBe(0.5);
  });

  it('adds up to (attributes + options + price) / all, times the type', () => {
    const goal: RewardedGoal = {
      ...product('blue shoe'),
      attributes: ['soft', 'warm'],
      options: [['size', '9']],
      priceUpper: 20,
    };
    const bought: RewardedProduct = {
      ...product('shoe'),
      attributes: ['soft'],
      title: 'shoe',
      bulletPoints: [],
      description: '',
    };
    const report = reward({ product: bought, options: ['9'], price: 21 }, goal, wordNouns);
    // "9" against "('size', '9')": the words {9} are a subset of {size, 9}.
    expect(report.total).toBe(2 / 4);
    expect(report).toMatchObject({ r_type: 1, r_att: 0.5, r_option: 1, r_price: false });
    expect(reward({ product: bought, options: ['9'], price: 20 }, goal, wordNouns).total).toBe(
      0.75,
    );
  });
});

describe('noun extractors', () => {
  it('takes nouns from a table, and says which name it lacks', () => {
    const nouns = tableNouns({ 'Red Shoe': ['shoe'] });
    expect(nouns('Red Shoe')).toEqual(['shoe']);
    expect(() => nouns('Hat')).toThrow(/lacks "Hat"/);
    expect(tableNouns({}, wordNouns)('Big Hat')).toEqual(['big', 'hat']);
    expect(() => tableNouns({ a: 'b' })).toThrow(/table of nouns: a:/);
  });

  it('finds nouns with wink-nlp', async () => {
    const nouns = await winkNouns();
    expect(nouns('The chair is very old')).toEqual(['chair']);
  });
});

type Vector<Input> = Input & { readonly expect: Record<string, number | boolean> };

describeWithData('vectors of rewards (skipped without shared/data)', () => {
  it('has the colours of the original', () => {
    expect(COLORS).toEqual(readData<{ color_set: string[] }>('test_vectors.json').color_set);
  });

  it('gives the reference ratio for every pair', () => {
    const { token_set_ratio } = readData<{
      token_set_ratio: { vectors: [string, string, number][] };
    }>('test_vectors.json');
    const wrong = token_set_ratio.vectors.filter(([a, b, ratio]) => tokenSetRatio(a, b) !== ratio);
    expect(wrong).toEqual([]);
    expect(token_set_ratio.vectors.length).toBeGreaterThan(400);
  });

  it('meets the options of the reference', () => {
    type Case = Vector<{ readonly goal: string[]; readonly purchased: string[] }>;
    const { option_reward } = readData<{ option_reward: Case[] }>('test_vectors.json');
    for (const { goal, purchased, expect: expected } of option_reward) {
      const { matches, reward: share } = optionReward(purchased, goal);
      expect({ matches, r_option: share }).toEqual(expected);
    }
  });
});
