import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { randomSource, treeToJson, type RandomSource, type Tree } from '@spark-rl/core';
import { readTrees } from '@spark-rl/run-store';

import { growTrees, VARIANTS, type GrowOptions } from './grow-trees.js';

const script = `
  const { growTrees } = await import(${JSON.stringify(join(__dirname, 'grow-trees.ts'))});
  process.stdout.write('ready\\n');
  await growTrees(JSON.parse(process.argv[1]));
  process.stdout.write('done\\n');
`;

/** How a process ended. */
type Ending = 'killed' | 'done';

/** Grows trees in a process of their own. @param killAfter - milliseconds after it began to grow; it goes to its end without. */
function growInProcess(options: GrowOptions, killAfter?: number): Promise<Ending> {
  const child = spawn(
    process.execPath,
    [
      ...['--conditions=@spark-rl/source', '--import', 'tsx', '--input-type=module'],
      ...['--eval', script, '--', JSON.stringify(options)],
    ],
    { cwd: join(__dirname, '..', '..', '..'), stdio: ['ignore', 'pipe', 'pipe'] },
  );
  return new Promise((resolve, reject) => {
    let output = '';
    let timer: NodeJS.Timeout | undefined;
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (killAfter !== undefined && output.includes('ready'))
        timer ??= setTimeout(() => child.kill('SIGKILL'), killAfter);
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (signal === 'SIGKILL') resolve('killed');
      else if (code === 0 && output.includes('done')) resolve('done');
      else reject(new Error(`growing ended with ${code ?? signal}: ${output}`));
    });
  });
}

const filesIn = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder)
      .sort()
      .map((file) => [file, readFileSync(join(folder, file), 'utf8')]),
  );

const text = (trees: readonly Tree[]): string[] =>
  trees.map((tree) => JSON.stringify(treeToJson(tree)));

/** Kills the process at a random moment: by a clock, or in the middle of a write. */
function attempt(random: RandomSource, options: GrowOptions): Promise<Ending> {
  const weather = random.integer(1e9);
  if (random.uniform() < 0.5) return growInProcess({ ...options, weather }, random.uniform() * 200);
  const death = { moment: 1 + random.integer(25), share: random.uniform() };
  return growInProcess({ ...options, weather, death });
}

/**
 * Grows the trees of a variant in processes that are killed, again and again, until one comes to its end or `kills` are spent, and
 * then once without. Expects the same files and trees, byte for byte, as growing them without interruption, without failures and
 * without delays gives.
 *
 * @returns how often a process was killed
 */
export async function expectSameAfterKills(
  seed: number,
  kills: number,
  variant = seed % VARIANTS.length,
): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'spark-rl-resume-'));
  const random = randomSource(['kill trees', seed]);
  try {
    const options = { folder: join(folder, 'killed'), variant, seed };
    let killed = 0;
    while (killed < kills && (await attempt(random, options)) === 'killed') killed++;
    await growInProcess({ ...options, weather: random.integer(1e9) });
    const whole = await growTrees({ ...options, folder: join(folder, 'whole') });
    expect(filesIn(options.folder)).toEqual(filesIn(join(folder, 'whole')));
    const read = await readTrees(options.folder);
    expect(read.every(({ finished }) => finished)).toBe(true);
    expect(text(read.map(({ tree }) => tree))).toEqual(text(whole));
    return killed;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
