import type { Task } from '@spark-rl/core';
import fc from 'fast-check';

import { tokenize, tokenizeUnicode } from '../src/search/tokenize.js';
import { webshopEnvironment } from '../src/shop/environment.js';
import { parseAction } from '../src/shop/parse-action.js';
import { tinyShop } from './tiny-shop.js';

jest.setTimeout(60_000);

const MEGABYTE = 1 << 20;
const LONG = 100_000;
const shop = tinyShop();
const world = webshopEnvironment({ shop, observation: 'text_rich' });
const [task] = world.tasks({ split: 'all', count: 1 }) as readonly Task[];

/** Takes an action on every kind of page, a long one on two of them. @returns the pages that it led to */
async function everywhere(action: string): Promise<string[]> {
  let { state } = await world.reset(task!);
  const pages: string[] = [];
  const way = ['', 'search[mug]', 'click[b000000001]', 'click[features]'];
  for (const next of action.length > LONG ? ['', 'search[mug]'] : way) {
    ({ state } = await world.step(state, next));
    const stepped = await world.step(state, action);
    pages.push(stepped.state.session.page);
    expect(typeof stepped.observation).toBe('string');
    await world.admissible!(stepped.state);
    // Where it led, the shop goes on.
    if (stepped.status === 'running') await world.step(stepped.state, 'click[back to search]');
  }
  return pages;
}

describe('parseAction', () => {
  it('reads as the expression of the original does', () => {
    const FORM = /^([^\n]+)\[([^\n]+)\]/;
    const unit = fc.constantFrom('[', ']', '\n', '\r', 'a', ' ', '\ud800', '\0', '😀');
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 14 }), (action) => {
        const match = FORM.exec(action);
        expect(parseAction(action)).toEqual(
          match === null
            ? { name: action, argument: null }
            : { name: match[1], argument: match[2] },
        );
      }),
      { numRuns: 2000 },
    );
  });

  it('takes a megabyte of brackets', () => {
    const brackets = '['.repeat(MEGABYTE);
    expect(parseAction(brackets).argument).toBeNull();
    expect(parseAction(`]${brackets}`).argument).toBeNull();
    expect(parseAction(`search[${'[]'.repeat(MEGABYTE / 2)}`).argument).toBe('][');
    expect(parseAction(`search${'[x]'.repeat(MEGABYTE / 4)}`).argument).toBe('x');
  });
});

describe('tokenize', () => {
  it('leaves runs without a word out, however long they are', () => {
    const run = '_'.repeat(MEGABYTE);
    expect(tokenize(run)).toEqual([]);
    expect(tokenize(`${run} a ${run}`)).toEqual(['a']);
    expect(tokenizeUnicode('_\u0301'.repeat(MEGABYTE / 2))).toEqual([]);
    expect(tokenize(`é ${'\u203f'.repeat(MEGABYTE)}`)).toEqual(['é']);
    expect(tokenize('__ __a_ _ b__c')).toEqual(['__a_', 'b__c']);
  });

  it('does not cut a character in two', () => {
    const tokens = tokenize('𝐀'.repeat(300));
    expect(tokens.join('')).toBe('𝐀'.repeat(300));
    expect(tokens.some((token) => /\p{Surrogate}/u.test(token))).toBe(false);
  });
});

describe('an action with strange characters', () => {
  it.each([
    ['control characters', 'search[\0\x07\x1b[31m\x7f\u0085]'],
    ['unpaired surrogates', 'search[\ud800 mug \udfff]'],
    ['an unpaired surrogate alone', 'click[\udc00]'],
    ['nested brackets', 'search[[[mug]]]'],
    ['open brackets', `search${'['.repeat(MEGABYTE)}`],
    ['a megabyte of words', `search[${'mug '.repeat(MEGABYTE / 4)}]`],
    ['a megabyte of one word', `search[${'a'.repeat(MEGABYTE)}]`],
    ['a megabyte of spaces', `search[${' '.repeat(MEGABYTE)}]`],
    ['a megabyte of underscores', `search[${'_'.repeat(MEGABYTE)}]`],
    ['a megabyte of marks', `search[a${'\u0301'.repeat(MEGABYTE)}]`],
    ['a megabyte of emoji', `search[${'👩‍💻'.repeat(MEGABYTE / 5)}]`],
    ['a megabyte to click', `click[${'x'.repeat(MEGABYTE)}]`],
    ['direction marks and line separators', 'search[\u202emug\u2028\u2029\ufeff]'],
    ['names of properties', 'click[__proto__]'],
    ['names of methods', 'click[constructor]'],
  ])('neither crashes nor hangs: %s', async (_, action) => {
    const pages = await everywhere(action);
    const { name, argument } = parseAction(action);
    const before = ['index', 'search_results', 'item_page', 'item_sub_page'].slice(0, pages.length);
    const isSearch = name === 'search' && argument !== null;
    expect(pages).toEqual(isSearch ? before.map(() => 'search_results') : before);
  });

  it('is any text', async () => {
    const unit = fc.constantFrom(
      '[',
      ']',
      'search',
      'click',
      '\ud800',
      '\0',
      '<',
      '>',
      "'",
      '"',
      '\\',
      '<r>',
      ' ',
      '\n',
      'b000000001',
      'prev',
      'item_page',
      '😀',
    );
    await fc.assert(
      fc.asyncProperty(fc.string({ unit, maxLength: 8 }), async (text) => {
        await everywhere(text);
        await everywhere(`search[${text}]`);
        await everywhere(`click[${text}]`);
      }),
      { numRuns: 100 },
    );
  });
});
