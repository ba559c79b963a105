import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';

import { exportedPage, type Asset } from '../src/index.js';
import { exportFrame } from '../src/server/export-html.js';
import {
  RUN_ELEMENT,
  treeElement,
  type EmbeddedRun,
  type EmbeddedTree,
} from '../src/shared/embedded.js';
import { restorePrompt } from '../src/shared/restore-prompt.js';
import { finishedRun, SMALL, SMALL_FILE, temporaryRuns } from './fixture.js';

const SCRIPT = 'console.log("</script><script>alert(1)</script>")';
const assets = new Map<string, Asset>([
  ['/', { type: 'text/html', bytes: Buffer.from('') }],
  ['/assets/a.js', { type: 'text/javascript', bytes: Buffer.from(SCRIPT) }],
  ['/assets/a.css', { type: 'text/css', bytes: Buffer.from('p{}') }],
]);

let runs: Awaited<ReturnType<typeof temporaryRuns>>;
beforeEach(async () => {
  runs = await temporaryRuns();
  await finishedRun(runs.root, 'one', {
    ...SMALL,
    observation: '</script><script>alert(2)</script>',
  });
});
afterEach(() => runs.remove());

const pageOf = async (sets: Parameters<typeof exportedPage>[3]): Promise<string> => {
  let page = '';
  for await (const part of exportedPage(runs.library, assets, 'one', sets)) page += part;
  return page;
};
const embedded = <Value>(page: string, id: string): Value => {
  const start = page.indexOf(`id="${id}">`) + `id="${id}">`.length;
  const text = page.slice(start, page.indexOf('<', start));
  return JSON.parse(gunzipSync(Buffer.from(text, 'base64')).toString('utf8')) as Value;
};

it('holds the run, and the trees that were asked for', async () => {
  const page = await pageOf(({ step }) => step === 1);
  const run = embedded<EmbeddedRun>(page, RUN_ELEMENT);
  expect(run.run.id).toBe('one');
  expect(run.metrics.points).toHaveLength(2);
  expect(Object.keys(run.trees)).toEqual(['step-0001']);
  expect(page).not.toContain('step-0002/');
});

it('has no way out of its data: what agents said cannot become a part of the page', async () => {
  const page = await pageOf(() => true);
  expect(page).not.toContain('alert(2)');
  expect(page.match(/<script/g)).toHaveLength(1 + 1 + 2 + 1);
  expect(page).not.toMatch(/\s(src|href)=/);
});

it('gives back every prompt as the server tells it', async () => {
  const page = await pageOf(() => true);
  const tree = embedded<EmbeddedTree>(page, treeElement('step-0001', SMALL_FILE));
  expect(tree.turns.filter(({ continues }) => continues)).toHaveLength(20);
  const place = { run: 'one', set: 'step-0001', file: SMALL_FILE };
  for (const { id } of tree.view.turns)
    expect(restorePrompt(tree, id)).toEqual(await runs.library.turn(place, id));
});

it('lets only its own script run', () => {
  const [before, after] = exportFrame(assets, 'a "title" <b>');
  const script = after.slice(after.indexOf('>') + 1, after.indexOf('</script>'));
  const hash = createHash('sha256').update(script).digest('base64');
  expect(before).toContain(`script-src 'sha256-${hash}'`);
  expect(before).toContain("default-src 'none'");
  expect(script).toBe('console.log("<\\/script><script>alert(1)<\\/script>")');
  expect(before).toContain('<title>a &quot;title&quot; &lt;b></title>');
});
