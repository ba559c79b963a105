import { existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { SparkError } from '@spark-rl/core';

import { messageOf } from './json-file.js';
import type { Asset } from './request-handler.js';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** The folder of this package, from its sources as from its build. */
function packageFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}

/** When the newest of the files below a folder was changed; 0 when there are none. */
async function newestBelow(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => []);
  const times = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async (entry) => (await stat(join(entry.parentPath, entry.name))).mtimeMs),
  );
  return Math.max(0, ...times);
}

/** Builds the page where its sources are at hand and newer than what was built. */
async function buildIfStale(folder: string, say: (text: string) => void): Promise<void> {
  const sources = await Promise.all(
    ['src/web', 'src/shared'].map((each) => newestBelow(join(folder, each))),
  );
  const newest = Math.max(...sources);
  if (newest <= (await newestBelow(join(folder, 'dist/web')))) return;
  say('building the page of the studio, which takes some seconds ...\n');
  try {
    const { build } = await import('vite');
    await build({ configFile: join(folder, 'vite.config.ts') });
  } catch (cause) {
    throw new SparkError('invalid-input', `the page could not be built: ${messageOf(cause)}`, {
      remedy: 'Run npm ci, then npx nx build @spark-rl/studio, and look at what it says.',
      cause,
    });
  }
}

/** The files of a built page by their paths, `/` among them; empty when it is not built. */
export async function readAssets(web: string): Promise<ReadonlyMap<string, Asset>> {
  const entries = await readdir(web, { withFileTypes: true, recursive: true }).catch(() => []);
  const assets = new Map<string, Asset>();
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const type = TYPES[extname(entry.name)] ?? 'application/octet-stream';
    const name = path.slice(web.length).replaceAll('\\', '/');
    assets.set(name === '/index.html' ? '/' : name, { type, bytes: await readFile(path) });
  }
  return assets;
}

/**
 * Reads the built page; from a checkout of the sources it is built first when it is older than they are.
 *
 * @param say - told when something takes a while
 * @throws SparkError when the page is not there and cannot be built
 */
export async function loadAssets(say: (text: string) => void): Promise<ReadonlyMap<string, Asset>> {
  const folder = packageFolder();
  await buildIfStale(folder, say);
  const assets = await readAssets(join(folder, 'dist/web'));
  if (assets.has('/')) return assets;
  throw new SparkError('invalid-input', 'the page of the studio is not built', {
    remedy: 'Run npx nx build @spark-rl/studio.',
  });
}
