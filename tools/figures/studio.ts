// Takes the pictures of docs/studio.md from real runs: npm run figures -- studio FOLDER
import { basename, dirname, resolve } from 'node:path';

import type { Browser } from 'playwright-core';

import { loadAssets, openLibrary, serveStudio, type Library } from '../../apps/studio/src/index.js';
import type { RunView, TreePlace, TreeView } from '../../apps/studio/src/shared/views.js';
import { creditRuleOf } from '../../apps/trainer/src/commands/studio/credit-rule.js';
import { openTokenDecoder } from '../../apps/trainer/src/commands/studio/token-decoder.js';
import { findChromium, startChromium } from '../../apps/studio/src/testing/chromium.js';
import { takePicture } from './take-picture.js';

const DEVICES = [
  { name: '', width: 1280, height: 800, scale: 1, tallest: 1300 },
  { name: 'phone-', width: 390, height: 844, scale: 1.5, tallest: 1300 },
] as const;
const SCHEMES = ['light', 'dark'] as const;
/** Milliseconds, for a machine that is busy otherwise. */
const PATIENCE = 180_000;

/** What the pictures show, chosen among what the folder holds. */
interface Subjects {
  readonly run: string;
  readonly others: readonly string[];
  readonly set: string;
  readonly tree: TreePlace;
  readonly fork: string;
  readonly compared: readonly [TreePlace, TreePlace] | undefined;
}

const hash = (...parts: readonly string[]): string =>
  `#/${parts.map(encodeURIComponent).join('/')}`;
const partsOf = ({ run, set, file }: TreePlace): readonly string[] => [run, set, file];

/** A turn that forks, and whose children do different things and fare differently; any fork where there is none. */
function forkOf({ turns }: TreeView): string | undefined {
  const forks = turns.filter(({ grantedWidth, index }) => grantedWidth > 1 && index > 0);
  const telling = forks.find(({ id }) => {
    const children = turns.filter(({ parent }) => parent === id);
    return (
      new Set(children.map(({ below }) => below.success > 0)).size > 1 &&
      new Set(children.map(({ action }) => action)).size > 1
    );
  });
  return (telling ?? forks[0])?.id;
}

/** The tree that shows most: some leaves succeed, some do not, and it forks often. */
async function tellingTree(library: Library, run: string, set: string): Promise<TreePlace> {
  const cards = (await library.trees(run, set)).filter(({ problems }) => problems.length === 0);
  const rank = ({ outcomes, forks }: (typeof cards)[number]): number =>
    Math.min(outcomes.success, outcomes.failure + outcomes.truncated) * 100 + forks;
  const [best] = [...cards].sort((a, b) => rank(b) - rank(a));
  if (best === undefined) throw new Error(`${run} has no sound tree in ${set}`);
  return { run, set, file: best.file };
}

/** One task as the warm-up and as the final checkpoint played it, where they differ most. */
async function comparedTrees(
  library: Library,
  { id, sets }: RunView,
): Promise<readonly [TreePlace, TreePlace] | undefined> {
  const of = (checkpoint: string): string | undefined =>
    sets.find(({ name }) => name.startsWith(`rollouts/${checkpoint}-`))?.name;
  const [before, after] = [of('warmup'), of('final')];
  if (before === undefined || after === undefined) return undefined;
  const later = new Map((await library.trees(id, after)).map((card) => [card.task, card]));
  const [best] = (await library.trees(id, before))
    .flatMap((card) => {
      const other = later.get(card.task);
      const gain = (other?.outcomes.success ?? 0) - card.outcomes.success;
      return other === undefined ? [] : [{ card, other, gain }];
    })
    .sort((a, b) => b.gain - a.gain);
  return (
    best && [
      { run: id, set: before, file: best.card.file },
      { run: id, set: after, file: best.other.file },
    ]
  );
}

async function chooseSubjects(library: Library): Promise<Subjects> {
  const { runs } = await library.runs();
  const views = await Promise.all(runs.map(({ id }) => library.run(id)));
  const [view] = views
    .filter(({ state, sets }) => state === 'finished' && sets.length > 0)
    .sort((a, b) => b.steps - a.steps);
  if (view === undefined) throw new Error('no run of the folder is finished and has trees');
  const set = view.sets.findLast(({ step }) => step !== null)!.name;
  const tree = await tellingTree(library, view.id, set);
  const fork = forkOf(await library.tree(tree));
  if (fork === undefined) throw new Error(`no tree of ${view.id}/${set} forks`);
  return {
    run: view.id,
    others: views
      .filter(({ id, environment }) => id !== view.id && environment === view.environment)
      .map(({ id }) => id),
    set,
    tree,
    fork,
    compared: await comparedTrees(library, view),
  };
}

/** A page, what tells that all of it is there, and the key that opens what the picture is of. */
interface Pictured {
  readonly name: string;
  readonly hash: string;
  readonly ready: string;
  readonly key?: string;
}

const pages = ({ run, others, set, tree, fork, compared }: Subjects): readonly Pictured[] => [
  { name: 'runs', hash: '#/', ready: '.run-row' },
  { name: 'run', hash: hash('run', run), ready: '.evaluation' },
  ...(others[0] === undefined
    ? []
    : [{ name: 'curves', hash: hash('curves', run, others[0]), ready: '.chart canvas' }]),
  { name: 'trees', hash: `${hash('run', run, 'trees')}?set=${set}`, ready: '.tree-row' },
  { name: 'tree', hash: `${hash('tree', ...partsOf(tree))}?node=${fork}`, ready: '.copies' },
  {
    name: 'siblings',
    hash: `${hash('tree', ...partsOf(tree))}?node=${fork}.0`,
    ready: '.copies',
    key: 's',
  },
  ...(compared === undefined
    ? []
    : [
        {
          name: 'compare',
          hash: hash('compare', ...compared.flatMap(partsOf)),
          ready: '.compare-side:nth-child(2) .token',
        },
      ]),
];

async function takeAll(browser: Browser, url: string, subjects: Subjects): Promise<void> {
  for (const device of DEVICES) {
    for (const colorScheme of SCHEMES) {
      const context = await browser.newContext({
        viewport: { width: device.width, height: device.height },
        deviceScaleFactor: device.scale,
        colorScheme,
      });
      context.setDefaultTimeout(PATIENCE);
      for (const { name, hash: place, ready, key } of pages(subjects)) {
        const page = await context.newPage();
        await page.goto(url + place);
        await page.locator(ready).first().waitFor();
        await page.waitForLoadState('networkidle');
        if (key !== undefined) {
          await page.locator('.tree-canvas').focus();
          await page.keyboard.press(key);
          await page.locator('dialog .token').first().waitFor();
        }
        const tallest = key === undefined ? device.tallest : device.height;
        await takePicture(page, `studio/${name}-${device.name}${colorScheme}`, tallest);
        await page.close();
      }
      await context.close();
    }
  }
}

/**
 * Serves the runs of a folder, and takes a picture of each page, at the width of a desktop and of a phone, in light and dark colours.
 *
 * @param runs - the folder of runs
 */
export async function takeStudioPages(runs: string): Promise<void> {
  if (findChromium() === undefined) {
    console.log('studio: left out, there is no Chromium (set CHROMIUM, or put it on the PATH)');
    return;
  }
  // The page names the folder as it was given: a short one makes a picture that fits anyone.
  const folder = resolve(runs);
  process.chdir(dirname(folder));
  const library = openLibrary({
    runs: basename(folder),
    creditRule: creditRuleOf,
    tokenDecoder: openTokenDecoder,
  });
  const subjects = await chooseSubjects(library);
  const studio = await serveStudio(library, await loadAssets(console.log), 0);
  const browser = await startChromium();
  try {
    await takeAll(browser, studio.url, subjects);
  } finally {
    await browser.close();
    await studio.close();
  }
}
