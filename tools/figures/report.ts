// Takes a picture of a report: npm run figures -- report FOLDER
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import { takePicture } from './take-picture.js';
import { withPage } from './with-page.js';

/** What is seen of a long report: its summary and first charts. */
const TALLEST = 1600;

/**
 * Writes docs/images/report.png.
 *
 * @param folder - of a comparison, with its `report.html`
 */
export async function takeReport(folder: string): Promise<void> {
  const path = resolve(join(folder, 'report.html'));
  if (!existsSync(path)) throw new Error(`there is no ${path}: name the folder of a comparison`);
  await withPage('report', { width: 1100, height: 800 }, async (page) => {
    await page.goto(pathToFileURL(path).href);
    await page.waitForLoadState('networkidle');
    await takePicture(page, 'report', TALLEST);
  });
}
