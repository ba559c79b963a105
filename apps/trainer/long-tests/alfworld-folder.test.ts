import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import {
  alfworldEnvironment,
  householdTasks,
  openGameFolder,
  releaseFiles,
} from '@spark-rl/env-alfworld';
import type { Task } from '@spark-rl/core';

/** As many as ALFWorld has for training. */
const GAMES = 3553;
const seed = Number(process.env['LONG_SEED'] ?? 1);

describe(`a folder of ${GAMES} games (LONG_SEED=${seed})`, () => {
  let root: string;
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'alfworld-folder-'));
    const source = householdTasks({ size: 'full', mix: 'alfworld' });
    source.tasks({ split: 'train', seed, count: GAMES }).forEach((task, i) => {
      for (const { path, text } of releaseFiles(source.generate(task), 'train', `trial_${i}`)) {
        mkdirSync(dirname(join(root, path)), { recursive: true });
        writeFileSync(join(root, path), text);
      }
    });
  }, 600_000);
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  it('opens in less than a second once it is indexed', async () => {
    const timed = async (): Promise<readonly [seconds: number, read: number, games: number]> => {
      const started = performance.now();
      const { index, games } = await openGameFolder(root);
      return [(performance.now() - started) / 1000, index.read, games.length];
    };
    const [first, read, games] = await timed();
    expect([read, games]).toEqual([GAMES, GAMES]);
    const again = [await timed(), await timed(), await timed()];
    expect(again.map(([, count]) => count)).toEqual([0, 0, 0]);
    const best = Math.min(...again.map(([seconds]) => seconds));
    console.log(`${GAMES} games: ${first.toFixed(2)} s the first time, ${best.toFixed(2)} s again`);
    expect(best).toBeLessThan(1);
  }, 120_000);

  it('reads one game again when it has changed, and plays any', async () => {
    const { games } = await openGameFolder(root);
    const path = join(root, games[GAMES >> 1]!.path);
    writeFileSync(path, '{}');
    const folder = await openGameFolder(root);
    expect([folder.index.read, folder.games.length, folder.skipped.length]).toEqual([
      1,
      GAMES - 1,
      1,
    ]);
    const [task] = folder.tasks({ split: 'train', seed, count: 1 }) as readonly Task[];
    const start = await alfworldEnvironment({ source: folder }).reset(task!);
    expect(start.observation).toMatch(/^-= Welcome to TextWorld/);
  }, 120_000);
});
