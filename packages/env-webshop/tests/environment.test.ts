import { environmentChecks } from '@spark-rl/core/testing';
import type { Task } from '@spark-rl/core';

import { webshopEnvironment, type WebshopOptions } from '../src/shop/environment.js';
import { freshSession, type Session } from '../src/shop/session.js';
import { pageOf } from '../src/shop/page.js';
import { pageText } from '../src/shop/page-text.js';
import { parseAction } from '../src/shop/parse-action.js';
import { visit } from '../src/shop/visit.js';
import { describeWithData, readData } from './data.js';
import { tinyShop } from './tiny-shop.js';

const shop = tinyShop();
const plain = { showAttributes: false };
const after = (...actions: string[]): Session =>
  actions.reduce(
    (session, action) => visit(shop, session, action, plain),
    freshSession('0', shop.goals.at(0)),
  );
const texts = (session: Session): string[] =>
  pageOf(shop, session, plain).nodes.map(({ text }) => text);
const clickables = (session: Session): string[] => [
  ...pageOf(shop, session, plain).clickables.keys(),
];

const open = ['search[blue  Mug]', 'click[b000000001]'];

describe('a visit', () => {
  it('searches from any page and lists what it found', () => {
    const session = after('search[blue  Mug]');
    expect(session.keywords).toEqual(['blue', '', 'mug']);
    expect(session.url).toBe('http://127.0.0.1:3000/search_results/0/blue++mug/1');
    expect(texts(session).slice(2)).toEqual([
      'Back to Search',
      'Page 1 (Total results: 3)',
      'Next >',
      ...['B000000001', 'Blue Mug "Sky"', '$5.0'],
      ...['B000000002', 'Mug B000000002', '$5.0'],
      ...['B000000003', 'Mug B000000003', '$5.0'],
    ]);
    const again = after(...open, 'search[the of]');
    expect(texts(again)).toContain('Page 1 (Total results: 0)');
    expect(after('search[]', 'click[search]', 'open b000000001', '').page).toBe('index');
  });

  it('goes to later pages without end and back', () => {
    const session = after('search[mug]', 'click[Next >]', 'click[next >]');
    expect(texts(session).slice(3, 6)).toEqual(['Page 3 (Total results: 3)', '< Prev', 'Next >']);
    expect(visit(shop, session, 'click[< prev]', plain).pageNumber).toBe(2);
  });

  it('chooses options, and forgets them on the way back', () => {
    const chosen = after(...open, 'click[Large]', 'click[blue]', 'click[large]');
    expect(chosen.options).toEqual([
      ['size', 'large'],
      ['color', 'blue'],
    ]);
    expect(chosen.url).toMatch(/blue\+\+mug\/1\/\{"size": "large", "color": "blue"\}$/);
    const read = visit(shop, chosen, 'click[Features]', plain);
    expect(read.url).toMatch(/\/Features\/\{'size': 'large', 'color': 'blue'\}$/);
    expect(texts(read).slice(4)).toEqual([' hand made', ' ']);
    expect(visit(shop, read, 'click[< prev]', plain).options).toEqual(chosen.options);
    const back = visit(shop, chosen, 'click[< prev]', plain);
    expect([back.page, back.options, back.asin]).toEqual(['search_results', [], null]);
    expect(pageText(pageOf(shop, back, plain), back, 'text_rich')).toContain(
      '\n[clicked button] B000000001 [clicked button_]\n',
    );
  });

  it('gives a value of two groups to the last, in the place of the first', () => {
    expect(clickables(after(...open))).toEqual([
      ...['back to search', '< prev', 'description', 'features', 'reviews', 'buy now'],
      ...['small', 'large', 'blue', "painter's <red>", 'a[b'],
    ]);
    expect(after(...open, 'click[small]').options).toEqual([['color', 'small']]);
  });

  it('marks clicked options in rich text, where the address can tell', () => {
    const session = after(...open, 'click[large]', "click[painter's <red>]");
    const rich = pageText(pageOf(shop, session, plain), session, 'text_rich');
    expect(rich).toMatch(/^You have clicked painter's <red>\.\nYou have clicked large\.\nInstr/);
    expect(rich).toContain('\n  [clicked button] large [clicked button_]\n');
    expect(rich).toContain('\n  [button] blue [button_]\n');
  });

  it('believes the address: a query may name another page', () => {
    const session = after('search[search_results mug]', 'click[b000000001]', 'click[< prev]');
    expect([session.page, session.pageNumber]).toEqual(['search_results', 0]);
    expect(texts(session).slice(2)).toEqual([
      'Back to Search',
      'Page 0 (Total results: 3)',
      'Next >',
    ]);
  });

  it('buys, and shows the options as the templates escape them', () => {
    const session = after(...open, "click[painter's <red>]", 'click[buy now]');
    expect(session.page).toBe('done');
    expect(texts(session)).toContain('{"color": "painter\\u0027s \\u003cred\\u003e"}');
    expect(clickables(session)).toEqual([]);
  });

  it('knows the special keywords', () => {
    expect(after('search[<c> garden]').page).toBe('search_results');
    expect(shop.find(['<c>', 'garden'])).toHaveLength(3);
    expect(shop.find(['<c>'])).toEqual([]);
    expect(shop.find(['<q>', 'mugs'])).toHaveLength(3);
    expect(shop.find(['<a>', 'lead', 'free'])).toEqual([0]);
    expect([...shop.find(['<r>'])].sort()).toEqual([0, 1, 2]);
  });
});

const make = (options: Partial<WebshopOptions> = {}) => webshopEnvironment({ shop, ...options });
const firstTask = (): Task => (make().tasks({ split: 'all', count: 1 }) as readonly Task[])[0]!;

describe('webshopEnvironment', () => {
  for (const { name, run } of environmentChecks({
    make: () => webshopEnvironment({ shop: tinyShop() }),
    query: { split: 'test', count: 3, seed: 1 },
    maxSteps: 15,
  })) {
    it(name, run);
  }

  it('pays 1 for exactly what was asked for, and calls that a success', async () => {
    const world = make();
    for (const task of world.tasks({ split: 'all' }) as readonly Task[]) {
      let { state, status, score } = await world.reset(task);
      const { options } = state.session.goal;
      if (options.some(([, value]) => value === 'a[b' || value === 'small')) continue;
      const clicks = options.map(([, value]) => `click[${value!}]`);
      for (const action of [...open, ...clicks, 'click[Buy Now]'])
        ({ state, status, score } = await world.step(state, action));
      expect([status, score]).toEqual(['success', 1]);
    }
  });

  it('cuts off after maxSteps, and calls a worse purchase a failure', async () => {
    const world = make({ maxSteps: 3 });
    const start = await world.reset(firstTask());
    let { state, status } = start;
    for (const action of ['search[mug]', 'click[b000000002]', 'click[buy now]'])
      ({ state, status } = await world.step(state, action));
    expect(status).toBe('failure');
    ({ state, status } = start);
    for (let i = 0; i < 3; i++) ({ state, status } = await world.step(state, 'nothing'));
    expect(status).toBe('truncated');
  });

  it('leaves out of the admissible actions what cannot be named', async () => {
    const world = make();
    let { state } = await world.reset(firstTask());
    expect(await world.admissible!(state)).toEqual(['search[<your query>]']);
    for (const action of open) ({ state } = await world.step(state, action));
    expect(await world.admissible!(state)).not.toContain('click[a[b]');
    expect(await world.admissible!(state)).toContain("click[painter's <red>]");
  });

  it('cuts observations for the prompts of verl-agent and SPARK', async () => {
    const seen = async (format: 'verl-agent' | 'spark'): Promise<unknown[]> => {
      const world = make({ format });
      const start = await world.reset(firstTask());
      const { observation } = await world.step(start.state, 'search[zebra]');
      return [start.observation, observation, await world.admissible!(start.state)];
    };
    expect(await seen('verl-agent')).toEqual([
      "'Search'",
      "'Back to Search' [SEP] 'Page 1 (Total results: 0)' [SEP] 'Next >'",
      ['search[<your query>]', 'click[search]'],
    ]);
    expect(await seen('spark')).toEqual([
      'Search',
      'Back to Search [SEP] Page 1 (Total results: 0) [SEP] Next >',
      ['search[<your query>]'],
    ]);
  });

  it('begins observations with earlier ones when asked to', async () => {
    const world = make({ previousObservations: 1, previousActions: 2, format: 'spark' });
    let { state, observation } = await world.reset(firstTask());
    expect(observation).toBe('Search');
    ({ state, observation } = await world.step(state, 'a'));
    expect(observation).toBe('Search [SEP] a [SEP] Search');
    ({ state, observation } = await world.step(state, 'b'));
    expect(observation).toBe('a [SEP] Search [SEP] b [SEP] Search');
  });

  it('divides goals into splits, filters kinds, and names what is wrong with a query', () => {
    const world = make({ splits: 'verl-agent' });
    expect(world.tasks({ split: 'val' })).toHaveLength(8);
    expect(world.tasks({ split: 'train' })).toHaveLength(0);
    expect(world.tasks({ split: 'val', kinds: ['beauty'] })).toHaveLength(0);
    expect(() => world.tasks({ split: 'test' })).toThrow(/no split test/);
    expect(() => make({ maxSteps: 0 })).toThrow(/maxSteps/);
    expect(() => world.reset({ ...firstTask(), data: { goal: 99 } })).toThrow(/no goal 99/);
  });
});

describeWithData('forms of actions (skipped without shared/data)', () => {
  it('are taken apart as by the original', () => {
    const { parse_action } = readData<{ parse_action: [string, [string, string | null]][] }>(
      'test_vectors.json',
    );
    for (const [action, [name, argument]] of parse_action)
      expect(parseAction(action)).toEqual({ name, argument });
  });
});
