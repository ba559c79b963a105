import fc from 'fast-check';

import { memoryCatalogue } from '../src/catalogue/catalogue.js';
import { clickAction, liveControls, searchAction, stillControls } from '../src/pages/controls.js';
import { escapeHtml, html } from '../src/pages/html.js';
import { checkPurchase } from '../src/pages/reward-page.js';
import { shopPage } from '../src/pages/shop-pages.js';
import { wordNouns } from '../src/reward/nouns.js';
import { freshSession, type Session } from '../src/shop/session.js';
import { openShop, type Shop } from '../src/shop/shop.js';
import { visit } from '../src/shop/visit.js';
import { madeUp, tinyShop } from './tiny-shop.js';

const EVIL = '<script>alert("1")</script><b>\'&';
const ESCAPED = '&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&lt;b&gt;&#39;&amp;';
const options = { showAttributes: true };

/** A product whose every text is HTML. */
const evilShop = (): Shop =>
  openShop({
    catalogue: memoryCatalogue([
      madeUp('B000000001', {
        title: `mug ${EVIL}`,
        description: EVIL,
        bulletPoints: [EVIL],
        category: EVIL,
        query: EVIL,
        productCategory: EVIL,
        attributes: [EVIL],
        priceText: EVIL,
        options: [{ name: EVIL, values: [EVIL.toLowerCase()] }],
        instruction: EVIL,
        instructionAttributes: [EVIL],
      }),
    ]),
    nouns: wordNouns,
  });

const play = (shop: Shop, ...actions: readonly string[]): Session =>
  actions.reduce(
    (session, action) => visit(shop, session, action, options),
    freshSession('0', shop.goals.at(0)),
  );

const draw = (shop: Shop, session: Session): string =>
  shopPage({ shop, session, options, controls: liveControls('/visit/a/0') }).main.markup;

describe('html', () => {
  it('escapes what is put in, and nothing that is HTML already', () => {
    expect(html`<p title="${EVIL}">${[html`<i>${EVIL}</i>`, null, false, 3]}</p>`.markup).toBe(
      `<p title="${ESCAPED}"><i>${ESCAPED}</i>3</p>`,
    );
  });

  it('leaves no character of markup, and no character that HTML forbids', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.nat(255), fc.nat(0xffff))), (units) => {
        const escaped = escapeHtml(String.fromCharCode(...units));
        expect(escaped).not.toMatch(/[<>"']|&(?!(amp|lt|gt|quot|#39);)/);
        // eslint-disable-next-line no-control-regex
        expect(escaped).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/);
      }),
    );
    expect(escapeHtml('a\ud800b\u0000c\n')).toBe('a\ufffdb\ufffdc\n');
  });
});

describe('actions of the pages', () => {
  it('search for what was typed, without the brackets that an action cannot hold', () => {
    expect(searchAction('  red [x] shoes\n')).toBe('search[red x shoes]');
    expect(searchAction(' [] ')).toBeNull();
    expect(searchAction('a'.repeat(1000))).toHaveLength('search[]'.length + 300);
  });

  it('name only what an action can name', () => {
    expect(clickAction('X-Large')).toBe('click[x-large]');
    expect(clickAction('a]b')).toBe('click[a]b]');
    expect(clickAction('a[b')).toBeNull();
    expect(clickAction('a\nb')).toBeNull();
  });
});

describe('pages', () => {
  const shop = evilShop();
  const asin = 'click[b000000001]';
  const steps: Record<string, readonly string[]> = {
    search: [],
    results: [`search[mug ${EVIL}]`],
    item: ['search[mug]', asin],
    chosen: ['search[mug]', asin, `click[${EVIL}]`],
    description: ['search[mug]', asin, 'click[description]'],
    features: ['search[mug]', asin, 'click[features]'],
    reviews: ['search[mug]', asin, 'click[reviews]'],
    attributes: ['search[mug]', asin, 'click[attributes]'],
    reward: ['search[mug]', asin, `click[${EVIL}]`, 'click[buy now]'],
  };

  for (const [name, actions] of Object.entries(steps)) {
    it(`${name}: every text is escaped, live and in a replay`, () => {
      const session = play(shop, ...actions);
      const still = shopPage({
        shop,
        session,
        options,
        controls: stillControls(`search[${EVIL}]`),
      });
      for (const markup of [draw(shop, session), still.main.markup]) {
        expect(markup).not.toMatch(/<script|<b>/i);
        expect(markup).toContain('&lt;script&gt;alert(&quot;1&quot;)');
        expect(markup).toContain('<h1');
      }
    });
  }

  it('the search page has a field with a label, and the goal', () => {
    const markup = draw(tinyShop(), play(tinyShop()));
    expect(markup).toMatch(/<label for="words">[\s\S]*<input[^>]* id="words"/);
    expect(markup).toContain(tinyShop().goals.at(0).instruction);
  });

  it('results offer every product, further pages, and the way back', () => {
    const tiny = tinyShop();
    const first = draw(tiny, play(tiny, 'search[mug]'));
    expect(first).toContain('Page 1 (total results: 3)');
    for (const each of ['b000000001', 'b000000002', 'b000000003', 'next &gt;', 'back to search'])
      expect(first).toContain(`value="click[${each}]"`);
    expect(first).not.toContain('click[&lt; prev]');
    const second = draw(tiny, play(tiny, 'search[mug]', 'click[next >]'));
    expect(second).toContain('No products on this page.');
    expect(second).toContain('value="click[&lt; prev]"');
  });

  it('a product shows which option is chosen, and which cannot be named', () => {
    const tiny = tinyShop();
    const markup = draw(tiny, play(tiny, 'search[mug]', asin, 'click[large]'));
    expect(markup).toMatch(/value="click\[large\]"\s+aria-pressed="true"/);
    expect(markup).toMatch(/value="click\[blue\]"\s+aria-pressed="false"/);
    expect(markup).toContain('a[b (cannot be named in an action)');
    expect(markup).not.toContain('value="click[a[b]"');
  });

  it('no picture of a product is loaded', () => {
    const pictured = openShop({
      catalogue: memoryCatalogue([
        madeUp('B000000001', {
          image: 'https://example.org/a.jpg',
          instruction: 'find mugs',
          instructionAttributes: ['mug'],
        }),
      ]),
      nouns: wordNouns,
    });
    for (const actions of [['search[mug]'], ['search[mug]', asin]])
      expect(draw(pictured, play(pictured, ...actions))).not.toMatch(/<img|example\.org/);
  });

  it('the reward page says the reward and each wish', () => {
    const tiny = tinyShop();
    const goal = tiny.goals.at(0);
    const wanted = goal.options.map((option) => `click[${option[1]}]`);
    const session = play(tiny, 'search[mug]', asin, wanted[0]!, 'click[buy now]');
    const check = checkPurchase(tiny, session)!;
    const met = check.wishes.filter(({ isMet }) => isMet).length;
    // One attribute, two options, a price: (met / 4) * type.
    expect(check.wishes.map(({ what }) => what)).toEqual([
      'attribute',
      'option',
      'option',
      'price',
    ]);
    expect((met / 4) * check.report.r_type).toBeCloseTo(session.reward, 12);
    const markup = draw(tiny, session);
    expect(markup).toContain(`${met} of 4 wishes met`);
    expect(markup).toContain(`<p class="score">${Number(session.reward.toFixed(4))}</p>`);
  });
});
