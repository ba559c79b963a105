// Takes a picture of a terminal from what a command wrote to it: npm run figures -- terminal LOG
// The log is that of `script -qfec 'stty cols 100 rows 50; npm start' LOG`, or of anything else that ran on a terminal.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import { withPage } from './with-page.js';
import { takePicture } from './take-picture.js';

const COLUMNS = 100;
const MOST_ROWS = 200;

/** What Chromium has of xterm.js once its script is there. */
interface Xterm {
  readonly Terminal: new (options: object) => {
    readonly open: (place: unknown) => void;
    readonly write: (text: string, done: () => void) => void;
    readonly resize: (columns: number, rows: number) => void;
    readonly buffer: {
      readonly active: {
        readonly length: number;
        readonly getLine: (row: number) => {
          readonly translateToString: (trim: boolean) => string;
        };
      };
    };
  };
}

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
  const { Terminal } = globalThis as unknown as Xterm;
  const { document } = globalThis as unknown as { document: { body: unknown } };
  const terminal = new Terminal({
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
    if (active.getLine(row).translateToString(true) !== '') last = row;
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
  await withPage('terminal', { width: 900, height: 700 }, async (page) => {
    await page.setContent('<body style="margin:0;padding:14px;background:#10161d"></body>');
    await page.addStyleTag({ path: resolve('@xterm/xterm/css/xterm.css') });
    await page.addScriptTag({ path: resolve('@xterm/xterm') });
    await page.evaluate(show, { text, columns: COLUMNS, rows: MOST_ROWS });
    await page.setViewportSize({ width: 860, height: 400 });
    await takePicture(page, 'terminal', 1600);
  });
}
