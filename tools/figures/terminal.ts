/// <reference lib="dom" />
// Takes a picture of a terminal from what a command wrote to it: npm run figures -- terminal LOG
// The log is that of `script -qfec 'stty cols 110 rows 50; npm start' LOG`, or of anything else that ran on a terminal.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import type { Terminal } from '@xterm/xterm';

import { withPage } from './with-page.js';
import { takePicture } from './take-picture.js';

const COLUMNS = 110;
const MOST_ROWS = 200;

/** Shows what a command wrote on the screen of a terminal, as tall as it needs. */
const show = async ({
  text,
  columns,
  rows,
}: {
  readonly text: string;
  readonly columns: number;
  readonly rows: number;
}): Promise<void> => {
  const xterm = globalThis as unknown as { readonly Terminal: typeof Terminal };
  const terminal = new xterm.Terminal({
    cols: columns,
    rows,
    fontSize: 13,
    lineHeight: 1.2,
    fontFamily: "'DejaVu Sans Mono', monospace",
    theme: { background: '#10161d', foreground: '#dfe6ee', cursor: '#10161d' },
  });
  terminal.open(document.body);
  await new Promise<void>((done) => terminal.write(text, done));
  const { active } = terminal.buffer;
  let last = 0;
  for (let row = 0; row < active.length; row++)
    if (active.getLine(row)?.translateToString(true) !== '') last = row;
  terminal.resize(columns, last + 1);
  await new Promise((done) => setTimeout(done, 300));
};

/** What `script` itself adds at both ends. */
const withoutFrame = (log: string): string =>
  log.replace(/^Script started[^\n]*\n/, '').replace(/\n?Script done[^\n]*\n?$/, '');

/**
 * Writes docs/images/terminal.png.
 *
 * @param log - the file that `script` wrote
 */
export async function takeTerminal(log: string): Promise<void> {
  const { resolve } = createRequire(import.meta.url);
  const text = withoutFrame(readFileSync(log, 'utf8'));
  await withPage('terminal', { width: 1000, height: 700 }, async (page) => {
    await page.setContent('<body style="margin:0;padding:14px;background:#10161d"></body>');
    await page.addStyleTag({ path: resolve('@xterm/xterm/css/xterm.css') });
    await page.addScriptTag({ path: resolve('@xterm/xterm') });
    await page.evaluate(show, { text, columns: COLUMNS, rows: MOST_ROWS });
    await page.setViewportSize({ width: 930, height: 400 });
    await takePicture(page, 'terminal', 1600);
  });
}
