import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';

import { exportedPage, serveStudio, type Asset, type RunningStudio } from '../src/index.js';
import { findChromium, startChromium } from '../src/testing/chromium.js';
import { compareHash, treeHash } from '../src/web/app/route.js';
import {
  accessFaults,
  ATTACK,
  browserRuns,
  buildPage,
  LARGE_PLACE,
  tabTo,
  WARMUP_PLACE,
  writeTree,
} from './browser-fixture.js';
import {
  beginRun,
  metricsRow,
  recordTree,
  SMALL,
  SMALL_FILE,
  SMALL_NAME,
  temporaryRuns,
} from './fixture.js';

// On a busy machine a page may take long; no test is about time.
const PATIENCE = 90_000;
jest.setTimeout(300_000);

const [describeInBrowser, title] =
  findChromium() === undefined
    ? [describe.skip, 'the studio in a browser (skipped: no Chromium; name one in CHROMIUM)']
    : [describe, 'the studio in a browser'];

const SOUND = { run: 'sound', set: 'step-0001', file: SMALL_FILE };

describeInBrowser(title, () => {
  let runs: Awaited<ReturnType<typeof temporaryRuns>>;
  let assets: ReadonlyMap<string, Asset>;
  let studio: RunningStudio;
  let browser: Browser;
  let faults: string[];
  /** What was asked of anybody but the studio. */
  let elsewhere: string[];

  beforeAll(async () => {
    assets = await buildPage();
    runs = await temporaryRuns();
    await browserRuns(runs.root);
    studio = await serveStudio(runs.library, assets, 0);
    browser = await startChromium();
  });
  afterAll(async () => {
    await browser.close();
    await studio.close();
    await runs.remove();
  });

  const open = async (
    place: string,
    options: BrowserContextOptions = { viewport: { width: 1440, height: 900 } },
  ): Promise<Page> => {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE);
    faults = [];
    elsewhere = [];
    const own = place.startsWith('file:') ? /^(file|blob|data):/ : /^(blob|data):/;
    page.on('request', (request) => {
      const url = request.url();
      if (!own.test(url) && !url.startsWith(studio.url)) elsewhere.push(url);
    });
    page.on('pageerror', ({ message }) => faults.push(message));
    page.on('console', (message) => {
      if (message.type() === 'error') faults.push(message.text());
    });
    await page.goto(place.startsWith('file:') ? place : studio.url + place);
    return page;
  };
  /** The browser itself notes that an answer was an error. */
  const forgive404 = (): void => {
    faults = faults.filter((fault) => !fault.includes('404'));
  };
  const close = async (page: Page): Promise<void> => {
    expect(faults).toEqual([]);
    expect(elsewhere).toEqual([]);
    await page.context().close();
  };

  it('follows a run while it trains', async () => {
    const run = await beginRun(runs.root, 'live');
    const page = await open('#/run/live');
    await page.getByText('Nothing was measured yet.').waitFor();
    await run.recordMetrics(metricsRow(1, 0.25));
    const chart = page.locator('figure', { has: page.getByRole('heading', { name: 'Success' }) });
    await chart.getByText('25.0 %').waitFor();
    await run.recordMetrics(metricsRow(2, 0.75));
    await chart.getByText('75.0 %').waitFor();
    await page.getByText('training').waitFor();
    expect(
      await page
        .getByRole('img', { name: /^Success\. live: 25\.0 % at step 1, 75\.0 % at step 2/ })
        .count(),
    ).toBe(1);
    await recordTree(run, 'step-0001', SMALL_NAME, SMALL);
    await page.getByRole('link', { name: '1 tree' }).click();
    await page.getByRole('link', { name: 'open the right door' }).waitFor();
    await run.close();
    await page.getByRole('link', { name: 'live', exact: true }).click();
    await page.getByText('stopped').waitFor();
    await close(page);
  });

  it('shows a finished run, a tree of it, a turn, and its siblings', async () => {
    const page = await open('#/run/sound');
    await page.getByText('It gained 1 and lost 1.').waitFor();
    await page.getByRole('link', { name: /^[34] trees$/ }).click();
    await page.getByLabel('Set of trees').selectOption('step-0001');
    await page.getByRole('link', { name: 'open the right door' }).click();
    const tree = page.getByRole('tree');
    await tree
      .getByRole('treeitem', { name: /^Turn 1: open door 1, explores, forks into 2/ })
      .first()
      .click();
    const panel = page.getByRole('complementary', { name: 'Turn 1' });
    await panel.getByText('forks into 2').waitFor();
    // The second token was given a log-probability of -2: below 30 %.
    await panel.locator('.response .token.heat-3').waitFor();
    await panel.getByText('Least likely: “ which”: 13.5 %, −2.00 nats').waitFor();
    expect(await panel.locator('.copies tbody tr').count()).toBe(2);
    await panel.getByText(/^Prompt, \d+ tokens$/).click();
    await panel.getByLabel('Prompt').getByText('open door 0').waitFor();
    await panel.getByRole('button', { name: 'Turn after' }).click();
    await page.getByRole('button', { name: '2 siblings' }).click();
    const dialog = page.getByRole('dialog');
    expect(await dialog.getByRole('article').count()).toBe(2);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    await page.getByLabel('Show', { exact: true }).selectOption('invalid');
    await page.getByText('1 turn', { exact: true }).waitFor();
    await page.getByLabel('Show the tree up to turn').fill('0');
    await page.getByText('turn 0 of 3: 4/8 leaves').waitFor();
    await close(page);
  });

  it('compares the same task in two runs, and curves of runs', async () => {
    const page = await open(compareHash(SOUND, { ...SOUND, run: 'damaged' }));
    await page.getByRole('region', { name: 'Tree A' }).waitFor();
    await page.getByRole('region', { name: 'Tree B' }).waitFor();
    await page.getByRole('row', { name: 'invalid turns 1 0' }).waitFor();
    await page.goto(`${studio.url}#/`);
    await page.getByLabel('Choose sound for comparison').check();
    await page.getByLabel('Choose damaged for comparison').check();
    await page.getByRole('link', { name: 'Compare 2 runs' }).click();
    await page.getByRole('img', { name: /^Success\. sound: .*damaged: / }).waitFor();
    await close(page);
  });

  it('compares two checkpoints of a run, and shows what another one grows meanwhile', async () => {
    const page = await open(treeHash(SOUND));
    await page.getByRole('link', { name: 'Compare' }).click();
    // Without a second tree in the address it is the first one found: of the same run.
    await page.waitForURL(/#\/compare\/sound\/step-0001\/.*\/rollouts%2Fwarmup-0\//);
    const side = (name: string): Locator => page.getByRole('region', { name: `Tree ${name}` });
    await side('A').getByRole('link', { name: 'sound · step 1' }).waitFor();
    await side('B').getByRole('link', { name: 'sound · checkpoint warmup (seed 0)' }).waitFor();
    await page.getByRole('row', { name: 'leaves that succeed 4 of 8 0 of 8' }).waitFor();
    const missing = page.getByRole('region', { name: 'Other checkpoints of this run' });
    await missing.getByText(`--checkpoint final --tasks-of ${runs.root}/sound/trees`).waitFor();
    expect(await missing.getByRole('term').allTextContents()).toEqual(['final']);
    // What the command writes.
    const final = { ...WARMUP_PLACE, set: 'rollouts/final-0' };
    await writeTree(runs.root, final, { ...SMALL, outcome: () => 'success' });
    await missing.waitFor({ state: 'hidden' });
    await page.getByLabel('Beside').selectOption({ label: 'checkpoint final (seed 0): 8 success' });
    await page.getByRole('row', { name: 'leaves that succeed 4 of 8 8 of 8' }).waitFor();
    await page.getByRole('link', { name: 'Swap' }).click();
    await page.getByRole('row', { name: 'leaves that succeed 8 of 8 4 of 8' }).waitFor();
    await side('A')
      .getByRole('link', { name: /checkpoint final/ })
      .click();
    await page.getByRole('treeitem').first().waitFor();
    await close(page);
  });

  it('draws of 2,000 turns only what is seen', async () => {
    const page = await open(treeHash(LARGE_PLACE));
    await page.getByRole('tree', { name: 'Tree of 2000 turns' }).waitFor();
    const drawn = (): Promise<number> => page.locator('.node').count();
    await page.getByRole('button', { name: 'Cards' }).click();
    await page.locator('.node.cards').first().waitFor();
    expect(await drawn()).toBeLessThan(300);
    expect(await page.locator('*').count()).toBeLessThan(5000);
    const lastRoot = page.getByRole('treeitem', { name: /^Turn 0: / }).last();
    await page
      .locator('.tree-canvas')
      .evaluate((element) => element.scrollTo(0, element.scrollHeight));
    await lastRoot.click();
    await page.waitForURL(/node=19$/);
    await page.locator('.tree-canvas').focus();
    await page.keyboard.press('End');
    await page.getByRole('complementary', { name: 'Turn 29' }).waitFor();
    expect(await drawn()).toBeLessThan(300);
    await page.getByRole('searchbox', { name: 'Search turns' }).fill('open door 29');
    await page.getByText('80 turns', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Next turn found' }).click();
    // From the first of root 19's ends to its second.
    await page.waitForURL(/node=19(\.0)+\.1(\.0)+$/);
    await page.getByRole('button', { name: 'Dots' }).click();
    await page.locator('.node.dots').first().waitFor();
    expect(await drawn()).toBeLessThan(2000);
    await close(page);
  });

  it('is used with the keyboard alone', async () => {
    const page = await open('');
    await page.getByRole('heading', { name: 'sound' }).waitFor();
    await tabTo(page, 'a[href="#/run/sound/trees"]');
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'open the right door' }).waitFor();
    await tabTo(page, 'h2 a');
    await page.keyboard.press('Enter');
    await page.getByRole('tree').waitFor();
    await tabTo(page, '[role=tree]');
    const active = (): Promise<string> =>
      page.evaluate(() => {
        const id = document.activeElement!.getAttribute('aria-activedescendant')!;
        return document.getElementById(id)!.querySelector('.words')!.textContent;
      });
    await page.keyboard.press('f');
    await page.waitForURL(/node=0\.0$/);
    expect(await active()).toMatch(/^Turn 1: .*forks into 2/);
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press(']');
    await page.waitForURL(/node=0\.0\.1$/);
    expect(await active()).toMatch(/^Turn 2: /);
    await page.keyboard.press('s');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('/');
    expect(await page.evaluate(() => document.activeElement?.getAttribute('type'))).toBe('search');
    await close(page);
  });

  it('shows what agents and worlds say as text, whatever it is', async () => {
    const place = { run: 'hostile', set: 'step-0001', file: '000-hostile.jsonl' };
    const page = await open('#/run/hostile/trees');
    await page.getByRole('link', { name: ATTACK }).waitFor();
    await page.goto(studio.url + treeHash(place));
    await page.getByRole('heading', { name: ATTACK }).waitFor();
    await page.locator('.turn-panel .observation').first().getByText(ATTACK).waitFor();
    await page.locator('.tree-canvas').focus();
    await page.keyboard.press('s');
    await page.getByRole('dialog').getByText(ATTACK).first().waitFor();
    expect(await page.evaluate(() => 'attacked' in window)).toBe(false);
    expect(
      await page.locator('main img, main script, dialog img, a[href^="javascript"]').count(),
    ).toBe(0);
    await close(page);
  });

  it('says what of a damaged run cannot be read', async () => {
    const page = await open('#/run/damaged');
    await page.getByText('manifest.json it is not JSON').waitFor();
    await page.goto(`${studio.url}#/run/damaged/trees?set=step-0001`);
    await page.getByText(`${SMALL_FILE}:10: is not JSON`).waitFor();
    await page.getByRole('link', { name: 'open the right door' }).click();
    await page.getByRole('region', { name: 'Damaged files' }).waitFor();
    await page.getByRole('tree').waitFor();
    await close(page);
    const garbage = await open(
      treeHash({ run: 'damaged', set: 'step-0002', file: '000-door_2.jsonl' }),
    );
    await garbage.getByText('This tree cannot be shown.').waitFor();
    forgive404();
    await close(garbage);
  });

  const PLACES = [
    '',
    '#/run/sound',
    '#/run/sound/trees',
    treeHash(SOUND),
    '#/curves/sound/damaged',
    compareHash(SOUND, WARMUP_PLACE),
    '#/run/damaged',
    '#/run/absent',
    '#/tree/damaged/step-0002/000-door_2.jsonl',
    '#/nothing',
  ];

  it('fits a phone', async () => {
    for (const place of [...PLACES, treeHash(LARGE_PLACE)]) {
      const page = await open(place, {
        viewport: { width: 360, height: 740 },
        hasTouch: true,
        isMobile: true,
      });
      await page.locator('main :is(h1, h2)').first().waitFor();
      await page.waitForLoadState('networkidle');
      expect([place, await page.evaluate(() => document.documentElement.scrollWidth)]).toEqual([
        place,
        360,
      ]);
      forgive404();
      await close(page);
    }
  });

  describe.each(['light', 'dark'] as const)('in %s colours', (colorScheme) => {
    /** Keys that open a dialog, where one is different from those of other pages. */
    const dialogs = (place: string): readonly string[] =>
      place === '' ? ['?'] : place === treeHash(SOUND) ? ['s'] : [];

    it.each(PLACES)('axe finds no fault at "%s"', async (place) => {
      const page = await open(place, { viewport: { width: 1280, height: 900 }, colorScheme });
      await page.locator('main :is(h1, h2)').first().waitFor();
      await page.waitForLoadState('networkidle');
      if (place === treeHash(SOUND)) await page.locator('.copies').waitFor();
      expect(await accessFaults(page)).toEqual([]);
      for (const key of dialogs(place)) {
        if (key === 's') await page.locator('.tree-canvas').focus();
        await page.keyboard.press(key);
        await page.getByRole('dialog').waitFor();
        expect(await accessFaults(page)).toEqual([]);
      }
      forgive404();
      await close(page);
    });
  });

  it('works from one exported file, without a network', async () => {
    const file = join(runs.root, 'export.html');
    let html = '';
    for await (const part of exportedPage(runs.library, assets, 'sound', () => true)) html += part;
    await writeFile(file, html);
    const page = await open(pathToFileURL(file).href, { offline: true });
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.getByRole('link', { name: 'sound', exact: true }).click();
    await page.getByRole('img', { name: /^Success\. sound: 25\.0 % at step 1/ }).waitFor();
    await page.getByRole('link', { name: /^[34] trees$/ }).click();
    await page.getByRole('link', { name: 'open the right door' }).click();
    await page.locator('.tree-canvas').focus();
    await page.keyboard.press('ArrowRight');
    await page.getByRole('complementary', { name: 'Turn 1' }).locator('.token').first().waitFor();
    await page.getByText(/^Prompt, /).click();
    await page.getByLabel('Prompt').getByText('open door 0').waitFor();
    expect(asked.filter((url) => !/^(file|blob|data):/.test(url))).toEqual([]);
    await close(page);
  });
});
