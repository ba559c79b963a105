import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Served } from './large-shop.js';

/** As many as the original's full set, and a few more. */
const PRODUCTS = Number(process.env['WEBSHOP_PRODUCTS'] ?? 1_200_000);
const MOST_MEGABYTES = 4096;
const MOST_SECONDS = 5;

const script = join(__dirname, 'large-shop.ts');
const bin = join(__dirname, '..', 'src', 'bin.ts');
// Only Linux tells how much memory a process has held at most.
const onLinux = existsSync('/proc/self/status') ? it : it.skip;

/** Runs a TypeScript file to its end. @returns what it printed, and the most memory that it was seen to hold, in MB */
function run(file: string, args: readonly string[]): Promise<{ output: string; peak: number }> {
  const child = spawn(
    process.execPath,
    ['--conditions=@spark-rl/source', '--import', 'tsx', file, ...args],
    { cwd: join(__dirname, '..', '..', '..'), stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let output = '';
  let peak = 0;
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const look = setInterval(() => {
    try {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
      peak = Math.max(peak, Number(/VmHWM:\s*(\d+) kB/.exec(status)?.[1] ?? 0) / 1024);
    } catch {
      // It has just ended.
    }
  }, 50);
  return new Promise((resolve, reject) => {
    child.on('close', (code) => {
      clearInterval(look);
      if (code === 0) resolve({ output, peak });
      else reject(new Error(`${file} ${args.join(' ')} ended with ${code}:\n${output}`));
    });
  });
}

const lastLine = (output: string): string => output.trim().split('\n').at(-1)!;
const gigabytes = (...paths: readonly string[]): string =>
  (paths.reduce((sum, path) => sum + statSync(path).size, 0) / 1e9).toFixed(2);

describe(`a catalogue of ${PRODUCTS.toLocaleString('en-US')} products (WEBSHOP_PRODUCTS)`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'webshop-scale-'));
  const index = join(folder, 'index');
  const [items, instructions] = ['items_shuffle.json', 'items_ins_v2.json'].map((name) =>
    join(folder, name),
  ) as [string, string];
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const timed = async <Result>(work: () => Promise<Result>): Promise<[Result, string]> => {
    const started = performance.now();
    const result = await work();
    return [result, `${((performance.now() - started) / 1000).toFixed(0)} s`];
  };

  onLinux(
    'is written, indexed and served in 4 GB of memory, and opens in 5 seconds',
    async () => {
      const [written, writeTime] = await timed(() =>
        run(script, ['write', String(PRODUCTS), folder]),
      );
      console.log(
        `written: ${gigabytes(items, instructions)} GB in ${writeTime}, ${written.peak.toFixed(0)} MB of memory`,
      );
      const [indexed, indexTime] = await timed(() =>
        run(bin, ['webshop', 'index', '--items', items, '--ins', instructions, '--out', index]),
      );
      const saved = gigabytes(join(index, 'products.index'), join(index, 'search.index'));
      console.log(
        `indexed: ${saved} GB in ${indexTime}, ${indexed.peak.toFixed(0)} MB of memory\n${indexed.output}`,
      );
      const { output } = await run(script, ['serve', folder]);
      const served = JSON.parse(lastLine(output)) as Served;
      const { searches } = served;
      console.log(
        [
          `served: ${served.products.toLocaleString('en-US')} products, ${served.terms.toLocaleString('en-US')} terms`,
          `${served.goals.toLocaleString('en-US')} goals, ${served.peakMegabytes.toFixed(0)} MB of memory`,
          `start-up ${served.startProcessorSeconds.toFixed(2)} s of processor time, ${served.startSeconds.toFixed(2)} s by the clock`,
          `nouns ${served.nounSeconds.toFixed(2)} s`,
          `a search for a whole instruction: ${searches[searches.length >> 1]!.toFixed(0)} ms in the median`,
          `at most ${searches.at(-1)!.toFixed(0)} ms; ${served.stepsPerSecond.toFixed(0)} steps/s`,
        ].join(', '),
      );
      expect(served.products).toBe(PRODUCTS);
      expect(served.terms).toBeGreaterThan(PRODUCTS);
      expect(served.scores.every((score) => score > 0)).toBe(true);
      for (const peak of [written.peak, indexed.peak, served.peakMegabytes])
        expect(peak).toBeLessThanOrEqual(MOST_MEGABYTES);
      // The clock of a busy machine counts what others do; it is printed.
      expect(served.startProcessorSeconds).toBeLessThan(MOST_SECONDS);
    },
    3_600_000,
  );
});
