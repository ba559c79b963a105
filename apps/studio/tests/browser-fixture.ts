import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { eventToJson } from '@spark-rl/core';
import type { Page } from 'playwright-core';

import type { Asset } from '../src/index.js';
import { setPath } from '../src/server/tree-sets.js';
import { readAssets } from '../src/server/web-assets.js';
import { finishedRun, SMALL, SMALL_FILE, treeEvents, type FixtureTree } from './fixture.js';

const resolver = createRequire(__filename);

/** Builds the page apart from `dist`, which a build that runs beside the tests may be writing. */
export async function buildPage(): Promise<ReadonlyMap<string, Asset>> {
  const folder = await mkdtemp(join(tmpdir(), 'studio-page-'));
  try {
    const vite = join(dirname(resolver.resolve('vite/package.json')), 'bin/vite.js');
    const options = { cwd: join(__dirname, '..'), stdio: 'pipe' } as const;
    execFileSync(process.execPath, [vite, 'build', '--outDir', folder, '--emptyOutDir'], options);
    return await readAssets(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Writes a tree as one file, without a journal: thousands of turns at once. */
export async function writeTree(
  root: string,
  place: { readonly run: string; readonly set: string; readonly file: string },
  fixture: FixtureTree,
): Promise<void> {
  const folder = join(root, place.run, ...setPath(place.set));
  await mkdir(folder, { recursive: true });
  const lines = treeEvents(place.file, fixture).map((event) => JSON.stringify(eventToJson(event)));
  await writeFile(join(folder, place.file), `${lines.join('\n')}\n`);
}

/** What would run if it were taken for a part of the page. */
export const ATTACK =
  '<img src=x onerror="window.attacked=1"><script>window.attacked=1</script><a href="javascript:window.attacked=1">x</a>';

/** 2,000 turns: 20 roots, forks after turns 3 and 7, 30 turns deep. */
export const LARGE: FixtureTree = { roots: 20, depth: 30, forks: [3, 7], limit: 80 };
export const LARGE_PLACE = { run: 'large', set: 'step-0001', file: '000-large.jsonl' };

/** What the warm-up's checkpoint did with the task of {@link SMALL}, outside training. */
export const WARMUP_PLACE = { run: 'sound', set: 'rollouts/warmup-0', file: '000-door_1-0.jsonl' };

/** Runs of all kinds: sound, with two checkpoints, one of which played a task again; large, hostile, damaged. */
export async function browserRuns(root: string): Promise<void> {
  await finishedRun(root, 'sound', { ...SMALL, invalid: '1.0.0' });
  for (const checkpoint of ['warmup', 'final'])
    await mkdir(join(root, 'sound/checkpoints', checkpoint), { recursive: true });
  await writeTree(root, WARMUP_PLACE, { ...SMALL, outcome: () => 'failure' });
  await finishedRun(root, 'damaged');
  const damaged = join(root, 'damaged/trees/step-0001', SMALL_FILE);
  const lines = (await readFile(damaged, 'utf8')).split('\n');
  await writeFile(
    damaged,
    [...lines.slice(0, 9), lines[9]!.slice(0, 40), ...lines.slice(10)].join('\n'),
  );
  await writeFile(
    join(root, 'damaged/trees/step-0002/000-door_2.jsonl'),
    Buffer.from(Array.from({ length: 512 }, (_, index) => (index * 37) % 256)),
  );
  await rm(join(root, 'damaged/summary.json'));
  await writeFile(join(root, 'damaged/manifest.json'), '{');
  await writeTree(root, LARGE_PLACE, LARGE);
  await writeTree(
    root,
    { run: 'hostile', set: 'step-0001', file: '000-hostile.jsonl' },
    { ...SMALL, observation: ATTACK, instruction: ATTACK, task: ATTACK },
  );
}

interface AxeResult {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

/** All that axe finds, in words. */
export async function accessFaults(page: Page): Promise<readonly string[]> {
  await page.evaluate(await readFile(resolver.resolve('axe-core/axe.min.js'), 'utf8'));
  const violations = await page.evaluate(
    async () =>
      (
        await (
          window as unknown as { axe: { run: () => Promise<{ violations: AxeResult[] }> } }
        ).axe.run()
      ).violations,
  );
  return violations.map(
    ({ id, nodes }) =>
      `${id}: ${nodes
        .slice(0, 3)
        .map(({ html, failureSummary = '' }) => `${html} ${failureSummary}`)
        .join(' | ')}`,
  );
}

/** Presses Tab until an element that fits has the focus. */
export async function tabTo(page: Page, selector: string): Promise<void> {
  for (let presses = 0; presses < 60; presses++) {
    await page.keyboard.press('Tab');
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted) === true, selector))
      return;
  }
  throw new Error(`60 presses of Tab do not lead to ${selector}`);
}
