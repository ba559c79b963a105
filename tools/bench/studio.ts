/// <reference lib="dom" />
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { eventToJson } from '@spark-rl/core';
import type { Browser, Page } from 'playwright-core';

import { loadAssets, openLibrary, serveStudio } from '../../apps/studio/src/index.js';
import { treeEvents, type FixtureTree } from '../../apps/studio/tests/fixture.js';
import { findChromium, startChromium } from '../../apps/studio/src/testing/chromium.js';
import { median } from './measure.js';
import { benchRow, type BenchRow } from './report.js';

/** 2,000 turns: 20 roots, forks after turns 3 and 7, 30 turns deep; and a tree that fits on the screen. */
const TREES: Readonly<Record<string, FixtureTree>> = {
  large: { roots: 20, depth: 30, forks: [3, 7], limit: 80 },
  small: { roots: 4, depth: 4, forks: [1], limit: 8 },
};

/** What one way of panning took. */
interface Panning {
  /** Milliseconds of the page's main thread for each frame, waiting left out: no neighbour on the machine is in it. */
  readonly work: number;
  /** Milliseconds from one frame to the next, with whatever else the machine did. */
  readonly interval: number;
}

/** Moves the view on by some pixels each frame, from one corner to the other and back, and tells when frames came. */
const pan = (frames: number): Promise<number[]> =>
  new Promise((resolve) => {
    const canvas = document.querySelector('.tree-canvas')!;
    const [width, height] = [
      canvas.scrollWidth - canvas.clientWidth,
      canvas.scrollHeight - canvas.clientHeight,
    ];
    const times: number[] = [];
    const step = (now: number): void => {
      times.push(now);
      if (times.length > frames) return resolve(times);
      const share = 1 - Math.abs(1 - (2 * times.length) / frames);
      canvas.scrollTo(share * width, share * height);
      requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  });

async function taskSeconds(page: Page): Promise<() => Promise<number>> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  return async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'TaskDuration')!.value;
  };
}

async function panTree(browser: Browser, url: string, size: string): Promise<Panning> {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  // What tsx puts around named functions is not there in the page.
  await page.addInitScript('globalThis.__name = (named) => named');
  await page.goto(`${url}#/tree/bench/step-0001/000-${size}.jsonl`);
  await page.getByRole('button', { name: size === 'large' ? 'Dots' : 'Cards' }).click();
  await page.locator('.node').first().waitFor();
  const seconds = await taskSeconds(page);
  const [frames, rounds] = [120, 5];
  const works: number[] = [];
  const intervals: number[] = [];
  await page.evaluate(pan, frames);
  for (let round = 0; round < rounds; round++) {
    const before = await seconds();
    const times = await page.evaluate(pan, frames);
    works.push((1000 * ((await seconds()) - before)) / frames);
    intervals.push(median(times.slice(1).map((time, index) => time - times[index]!)));
  }
  await page.close();
  return { work: median(works), interval: median(intervals) };
}

/** How much work a frame is while a tree of 2,000 turns is panned over, beside a tree of 24. */
export async function benchStudio(): Promise<readonly BenchRow[]> {
  if (findChromium() === undefined) {
    console.log('studio: left out, there is no Chromium (set CHROMIUM, or put it on the PATH)');
    return [];
  }
  const runs = await mkdtemp(join(tmpdir(), 'bench-studio-'));
  const browser = await startChromium();
  const studio = await serveStudio(openLibrary({ runs }), await loadAssets(console.log), 0);
  try {
    const folder = join(runs, 'bench/trees/step-0001');
    await mkdir(folder, { recursive: true });
    for (const [size, fixture] of Object.entries(TREES)) {
      const lines = treeEvents(`000-${size}`, fixture).map((event) =>
        JSON.stringify(eventToJson(event)),
      );
      await writeFile(join(folder, `000-${size}.jsonl`), `${lines.join('\n')}\n`);
    }
    const small = await panTree(browser, studio.url, 'small');
    const large = await panTree(browser, studio.url, 'large');
    return [
      benchRow({
        metric: 'panning 2,000 turns: work of the page for a frame',
        value: large.work,
        unit: 'ms',
        better: 'lower',
        peer: '24 turns',
        peerValue: small.work,
        limit: 16.7,
      }),
      benchRow({
        metric: 'panning 2,000 turns: from frame to frame, median',
        value: large.interval,
        unit: 'ms',
        better: 'lower',
        peer: '24 turns',
        peerValue: small.interval,
      }),
    ];
  } finally {
    await browser.close();
    await studio.close();
    await rm(runs, { recursive: true, force: true });
  }
}
