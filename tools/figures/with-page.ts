import type { Page, ViewportSize } from 'playwright-core';

import { findChromium, startChromium } from '../../apps/studio/src/testing/chromium.js';

/**
 * Lends a page of Chromium for a while, and says so where there is none.
 *
 * @param name - of the figure that is left out without it
 */
export async function withPage(
  name: string,
  viewport: ViewportSize,
  use: (page: Page) => Promise<void>,
): Promise<void> {
  if (findChromium() === undefined) {
    console.log(`${name}: left out, there is no Chromium (set CHROMIUM, or put it on the PATH)`);
    return;
  }
  const browser = await startChromium();
  try {
    await use(await browser.newPage({ viewport }));
  } finally {
    await browser.close();
  }
}
