// Takes the pictures of docs/webshop.md, of made-up products only: npm run figures -- webshop-pages
import type { Browser } from 'playwright-core';

import {
  openShop,
  readEpisodes,
  shopExpert,
  shopSite,
  syntheticCatalogue,
  syntheticNouns,
  webshopEnvironment,
  type Episode,
  type Goal,
  type Shop,
} from '@spark-rl/env-webshop';

import { serveSite } from '../../apps/trainer/src/commands/webshop/http-site.js';
import { findChromium, startChromium } from '../../apps/studio/src/testing/chromium.js';
import { takePicture } from './take-picture.js';

const GOAL = 3;
/** The tallest picture, in pixels. */
const TALLEST = 1000;

const VIEWS = [
  { name: 'desktop', width: 960, height: 720, scheme: 'light' },
  { name: 'phone', width: 360, height: 720, scheme: 'dark' },
] as const;

/** A visit of an expert that errs, as a recording. */
async function recordedVisit(shop: Shop): Promise<Episode> {
  const world = webshopEnvironment({ shop });
  for await (const task of world.tasks({ split: 'all', count: GOAL + 1 })) {
    const start = await world.reset(task);
    const expert = shopExpert({ choiceNoise: 0.9, forgetfulness: 0.5 });
    const session = expert.begin({ instruction: start.instruction, key: ['figures', GOAL] });
    if ((task.data as { goal: number }).goal !== GOAL) continue;
    const turns: object[] = [];
    let { state, observation, status, score } = start as Pick<
      typeof start,
      'state' | 'observation' | 'status' | 'score'
    >;
    while (status === 'running') {
      const turn = session.act(observation);
      turns.push({ ...turn, observation });
      ({ state, observation, status, score } = await world.step(state, turn.action));
    }
    const recording = {
      title: 'A visit of the expert',
      task,
      instruction: start.instruction,
      turns,
      end: { observation, score },
    };
    return readEpisodes(
      recording,
      () => ({ valid: false, mode: null, reasoning: '', action: '' }),
      'visit',
    )[0]!;
  }
  throw new Error(`there is no goal ${GOAL}`);
}

async function pictures(
  browser: Browser,
  url: string,
  { asin, name: query }: Pick<Goal, 'asin' | 'name'>,
  view: (typeof VIEWS)[number],
): Promise<void> {
  const context = await browser.newContext({
    viewport: { width: view.width, height: view.height },
    colorScheme: view.scheme,
    javaScriptEnabled: true,
  });
  const page = await context.newPage();
  const take = (name: string): Promise<void> =>
    takePicture(page, `webshop/${name}-${view.name}`, TALLEST);
  const press = (name: string): Promise<void> =>
    page.getByRole('button', { name, exact: true }).click();
  await page.goto(url);
  await take('start');
  await press(`Play goal ${GOAL}`);
  await take('search');
  await page.getByRole('searchbox').fill(query);
  await press('Search');
  await take('results');
  await press(`View ${asin}`);
  await page.getByRole('group').first().getByRole('button').last().click();
  await take('item');
  await press('Features');
  await take('features');
  await press('< Prev');
  await press('Buy Now');
  await take('reward');
  await page.goto(`${url}replay/0/3`);
  await take('replay');
  await context.close();
}

/** Serves the shop, and takes a picture of each type of page at the width of a desktop and of a phone. */
export async function takeWebshopPages(): Promise<void> {
  if (findChromium() === undefined) {
    console.log(
      'webshop-pages: left out, there is no Chromium (set CHROMIUM, or put it on the PATH)',
    );
    return;
  }
  const shop = openShop({ catalogue: syntheticCatalogue(), nouns: syntheticNouns });
  let visits = 0;
  const site = shopSite({
    shop,
    newId: () => `visit-${++visits}`,
    episodes: [await recordedVisit(shop)],
  });
  const served = await serveSite(site, {
    host: '127.0.0.1',
    port: 0,
    onError: (message) => console.error(message),
  });
  const browser = await startChromium();
  try {
    const goal = shop.goals.at(GOAL);
    for (const view of VIEWS) await pictures(browser, served.url, goal, view);
  } finally {
    await browser.close();
    await served.close();
  }
}
