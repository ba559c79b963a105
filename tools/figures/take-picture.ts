import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, relative } from 'node:path';

import type { Page } from 'playwright-core';

import { palettePng } from './palette-png.js';

const DOCS = new URL('../../docs/images/', import.meta.url).pathname;
/** The largest picture that the repository takes. */
const MOST_BYTES = 150_000;

/**
 * Takes a picture of a page from its top, whole up to a height.
 *
 * @param name - below docs/images, without an ending
 * @param tallest - in pixels of the page
 * @throws Error when the picture is larger than the repository takes
 */
export async function takePicture(page: Page, name: string, tallest: number): Promise<void> {
  const size = '[document.documentElement.clientWidth, document.documentElement.scrollHeight]';
  const [width, height] = await page.evaluate<readonly [number, number]>(size);
  const path = `${DOCS}${name}.png`;
  mkdirSync(dirname(path), { recursive: true });
  const clip = { x: 0, y: 0, width, height: Math.min(height, tallest) };
  const png = palettePng(await page.screenshot({ fullPage: true, clip, animations: 'disabled' }));
  writeFileSync(path, png);
  const bytes = png.length;
  console.log(
    `docs/images/${relative(DOCS, path)}: ${clip.width} x ${clip.height}, ${bytes} bytes`,
  );
  if (bytes > MOST_BYTES) throw new Error(`${path} has ${bytes} bytes, more than ${MOST_BYTES}`);
}
