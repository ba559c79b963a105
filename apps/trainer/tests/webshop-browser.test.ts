import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import { agentProtocol } from '@spark-rl/agent-protocol';
import {
  openShop,
  readEpisodes,
  shopSite,
  solveGoal,
  syntheticCatalogue,
  syntheticNouns,
} from '@spark-rl/env-webshop';
import { findChromium, startChromium } from '@spark-rl/studio/testing';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';

import { serveSite, type ServedSite } from '../src/commands/webshop/http-site.js';

jest.setTimeout(300_000);

const describeInBrowser = findChromium() === undefined ? describe.skip : describe;

/** Its product has options, and its goal asks for two of them. */
const GOAL = 1;
const shop = openShop({ catalogue: syntheticCatalogue({ size: 300 }), nouns: syntheticNouns });
const [search, ...clicks] = solveGoal(shop, shop.goals.at(GOAL))!;
const QUERY = /\[(.*)\]/.exec(search!)![1]!;
const ASIN = shop.goals.at(GOAL).asin;
const VALUES = clicks.map((click) => /\[(.*)\]/.exec(click)![1]!).slice(1, -1);

const { parse } = agentProtocol({ form: 'messages' });
const [episode] = readEpisodes(
  {
    title: 'Recorded visit',
    goal: GOAL,
    turns: [search, ...clicks].map((action) => ({
      response: `<explore>Perhaps ${action} helps.</explore><action>${action}</action>`,
    })),
    end: { observation: 'something else', score: 1 },
  },
  parse,
  'test',
);

const DESKTOP = { viewport: { width: 1100, height: 800 } };
const PHONE = { viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true };

describeInBrowser(
  'WebShop in a browser (needs Chromium: set CHROMIUM, or put it on the PATH)',
  () => {
    let served: ServedSite;
    let browser: Browser;
    const errors: string[] = [];

    beforeAll(async () => {
      let visits = 0;
      const newId = () => `visit-${++visits}`;
      const site = shopSite({ shop, newId, showAttributes: true, episodes: [episode!] });
      const onError = (message: string) => errors.push(message);
      served = await serveSite(site, { host: '127.0.0.1', port: 0, onError });
      browser = await startChromium();
    });
    afterAll(async () => {
      await browser.close();
      await served.close();
      expect(errors).toEqual([]);
    });

    /** Opens a page, and sees to it that it loads nothing from elsewhere and complains of nothing. */
    async function withPage(
      options: BrowserContextOptions,
      use: (page: Page) => Promise<void>,
      url = served.url,
    ): Promise<void> {
      const context = await browser.newContext(options);
      const troubles: string[] = [];
      context.on('request', (request) => {
        if (!request.url().startsWith(served.url)) troubles.push(`loads ${request.url()}`);
      });
      const page = await context.newPage();
      page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())) troubles.push(message.text());
      });
      page.on('pageerror', (error) => troubles.push(error.message));
      try {
        await page.goto(url);
        await use(page);
        expect(troubles).toEqual([]);
      } finally {
        await context.close();
      }
    }

    const press = (page: Page, name: string): Promise<void> =>
      page.getByRole('button', { name, exact: true }).click();

    /** Every page type, in the order of a visit; told the name of each. */
    async function tour(page: Page, each: (name: string) => Promise<void>): Promise<void> {
      await each('start');
      await press(page, `Play goal ${GOAL}`);
      await each('search');
      await page.getByRole('searchbox').fill(QUERY);
      await press(page, 'Search');
      await each('results');
      await press(page, `View ${ASIN}`);
      await each('item');
      for (const value of VALUES) await press(page, value);
      await each('chosen options');
      for (const subPage of ['Description', 'Features', 'Reviews', 'Attributes']) {
        await press(page, subPage);
        await each(subPage);
        await press(page, '< Prev');
      }
      await press(page, 'Buy Now');
      await each('reward');
    }

    /** The reward that the page shows. */
    const shownReward = (page: Page): Promise<string> => page.locator('.score').innerText();

    it.each([
      ['a desktop', DESKTOP],
      ['a phone', PHONE],
      ['a desktop without JavaScript', { ...DESKTOP, javaScriptEnabled: false }],
      ['a phone without JavaScript', { ...PHONE, javaScriptEnabled: false }],
    ])('sells a product on %s, pays the full reward, and fits its width', async (_, options) => {
      expect(VALUES.length).toBeGreaterThan(0);
      await withPage(options, async (page) => {
        await tour(page, async (name) => {
          // A box beyond the right edge would make the page scroll sideways.
          const body = await page.locator('body').boundingBox();
          const main = await page.locator('main').boundingBox();
          const { width } = options.viewport;
          // A page that is taller than the window gives a little of its width to a scroll bar.
          const isWide = body!.width <= width && body!.width >= width - 20;
          expect([name, isWide, main!.x + main!.width <= width]).toEqual([name, true, true]);
          for (const button of await page.getByRole('button').all()) {
            const box = await button.boundingBox();
            expect(box!.x + box!.width).toBeLessThanOrEqual(width);
          }
          if (name === 'chosen options')
            for (const value of VALUES)
              expect(
                await page
                  .getByRole('button', { name: value, exact: true })
                  .getAttribute('aria-pressed'),
              ).toBe('true');
        });
        expect(await shownReward(page)).toBe('1');
        expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe(
          'Thank you for shopping with us!',
        );
      });
    });

    it('sells a product to somebody who has only a keyboard', async () => {
      await withPage(DESKTOP, async (page) => {
        /** Presses Tab until the button or field of that name has the focus, which must then be seen. */
        const tabTo = async (name: string): Promise<void> => {
          for (let i = 0; i < 200; i++) {
            await page.keyboard.press('Tab');
            const focused = page.locator(':focus');
            if ((await focused.count()) === 0) continue;
            const label =
              (await focused.getAttribute('name')) === 'search'
                ? 'search'
                : (await focused.innerText()).trim();
            if (label !== name) continue;
            const outline = await page.evaluate<string>(
              'getComputedStyle(document.activeElement).outlineStyle',
            );
            expect([name, outline]).toEqual([name, 'solid']);
            return;
          }
          throw new Error(`Tab never reaches ${name}`);
        };
        const enter = async (name: string): Promise<void> => {
          await tabTo(name);
          await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
        };
        await tabTo('Skip to the content');
        await page.keyboard.press('Enter');
        await enter(`Play goal ${GOAL}`);
        await tabTo('search');
        await page.keyboard.type(QUERY);
        await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
        await enter(`View ${ASIN}`);
        for (const value of VALUES) await enter(value);
        await enter('Buy Now');
        expect(await shownReward(page)).toBe('1');
      });
    });

    it('goes back with the browser, and on from there', async () => {
      await withPage(DESKTOP, async (page) => {
        await press(page, `Play goal ${GOAL}`);
        await page.getByRole('searchbox').fill(QUERY);
        await press(page, 'Search');
        await press(page, `View ${ASIN}`);
        await page.waitForLoadState('load');
        // Chromium may still be swapping the page's process, and then refuses the first call.
        await page.goBack().catch(() => page.goBack());
        expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('Results');
        await press(page, 'Next >');
        expect(await page.getByText(/^Page 2/).count()).toBe(1);
      });
    });

    it('replays an episode page by page', async () => {
      await withPage(
        DESKTOP,
        async (page) => {
          await page.getByRole('link', { name: 'Replay episode 1' }).click();
          expect(await page.getByText('This replay is not faithful.').count()).toBe(1);
          for (const [i, action] of [search!, ...clicks].entries()) {
            const agent = page.getByRole('region', { name: 'The agent' });
            expect(await agent.innerText()).toContain(`Turn ${i + 1} of ${clicks.length + 1}`);
            expect(await agent.innerText()).toContain(`Perhaps ${action} helps.`);
            await page.getByRole('link', { name: 'Next page' }).click();
          }
          expect(await shownReward(page)).toBe('1');
          expect(await page.getByText('differs from what this shop shows').count()).toBe(1);
          await page.getByRole('link', { name: 'Turn 2', exact: true }).click();
          expect(await page.getByRole('heading', { name: 'Turn 2 of' }).count()).toBe(1);
        },
        `${served.url}replay`,
      );
    });

    describe('axe finds nothing', () => {
      const axe = readFileSync(createRequire(__filename).resolve('axe-core/axe.min.js'), 'utf8');
      interface Found {
        readonly violations: readonly {
          readonly id: string;
          readonly nodes: readonly { readonly html: string }[];
        }[];
      }
      /** What axe has to say of a page in light and in dark colours, as text. */
      async function complaints(page: Page): Promise<readonly string[]> {
        await page.evaluate(axe);
        const all: string[] = [];
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
          const { violations } = await page.evaluate<Found>('axe.run()');
          for (const { id, nodes } of violations)
            all.push(`${colorScheme}: ${id}: ${nodes.map(({ html }) => html).join(' ')}`);
        }
        return all;
      }

      it.each([
        ['a desktop', DESKTOP],
        ['a phone', PHONE],
      ])('on any page type of %s, in light and in dark', async (_, view) => {
        await withPage(view, async (page) => {
          const check = async (name: string): Promise<void> =>
            expect([name, await complaints(page)]).toEqual([name, []]);
          await tour(page, check);
          for (const path of ['replay', 'replay/0/0', `replay/0/${clicks.length + 1}`]) {
            await page.goto(`${served.url}${path}`);
            await check(path);
          }
        });
      });

      it('on the page of an error', async () => {
        const page = await browser.newPage();
        await page.goto(`${served.url}visit/none/0`);
        expect(await complaints(page)).toEqual([]);
        await page.close();
      });

      it('but finds what is wrong', async () => {
        await withPage(DESKTOP, async (page) => {
          await page.evaluate("document.querySelector('label[for=goal]').remove()");
          expect((await complaints(page)).join()).toContain('label');
        });
      });
    });
  },
);
