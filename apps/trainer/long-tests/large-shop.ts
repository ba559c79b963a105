// Run as a process of its own, so that its memory is its own: `large-shop.ts write SIZE FOLDER` or `large-shop.ts serve FOLDER`.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { randomSource, type Task } from '@spark-rl/core';
import {
  openCatalogue,
  openShop,
  readSearchIndex,
  solveGoal,
  syntheticCatalogue,
  webshopEnvironment,
  winkNouns,
  writeCatalogueFiles,
  type Catalogue,
} from '@spark-rl/env-webshop';

/** What a child process says on its last line. */
export interface Served {
  readonly products: number;
  readonly terms: number;
  readonly goals: number;
  /** From the first file that is opened until the first search has answered. */
  readonly startSeconds: number;
  /** The processor's time of that, all threads together. */
  readonly startProcessorSeconds: number;
  readonly nounSeconds: number;
  /** Milliseconds of each of some searches, ascending. */
  readonly searches: readonly number[];
  readonly stepsPerSecond: number;
  readonly scores: readonly number[];
  readonly peakMegabytes: number;
}

const SYLLABLES = 'ba do ki lu me na po ra si tu ve zo'.split(' ');
/** Different rare words; those of rank r come about 1 / r times as often as the first. */
const VOCABULARY = 400_000;
const RARE_WORDS = 15;

/** A made-up word of its own for each number. */
function rareWord(number: number): string {
  let word = '';
  for (let rest = number + 12; rest > 0; rest = Math.floor(rest / 12))
    word += SYLLABLES[rest % 12]!;
  return word;
}

/** A synthetic catalogue whose words are as many and as unevenly spread as those of real texts, each product with a number of its own. */
function largeCatalogue(size: number): Catalogue {
  const base = syntheticCatalogue({ size, detail: 'full' });
  return {
    ...base,
    product: (place) => {
      const product = base.product(place);
      const random = randomSource(['large shop', place]);
      const words = Array.from({ length: RARE_WORDS }, () =>
        rareWord(Math.floor(VOCABULARY ** random.uniform())),
      );
      return {
        ...product,
        title: `${product.title}, Model ${place.toString(36).toUpperCase()}Q`,
        description: `${product.description} ${words.join(' ')}`,
      };
    },
  };
}

/** The most memory that this process has held, in MB. */
const peakMegabytes = (): number =>
  Number(/VmHWM:\s*(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024;

const seconds = (since: number): number => (performance.now() - since) / 1000;

async function serve(folder: string): Promise<Served> {
  const files = {
    items: join(folder, 'items_shuffle.json'),
    instructions: join(folder, 'items_ins_v2.json'),
    humanInstructions: join(folder, 'items_human_ins.json'),
  };
  const loaded = performance.now();
  const nouns = await winkNouns();
  const nounSeconds = seconds(loaded);
  const started = performance.now();
  const before = process.cpuUsage();
  const catalogue = await openCatalogue(files, join(folder, 'index', 'products.index'));
  const index = readSearchIndex(join(folder, 'index', 'search.index'));
  const shop = openShop({ catalogue, nouns, index });
  if (shop.find(['wool', 'socks']).length !== 50) throw new Error('the search found too little');
  const startSeconds = seconds(started);
  const { user, system } = process.cpuUsage(before);

  const world = webshopEnvironment({ shop });
  const tasks = world.tasks({ split: 'train', count: 20, seed: 1 }) as readonly Task[];
  const searches: number[] = [];
  const scores: number[] = [];
  let steps = 0;
  const walked = performance.now();
  for (const task of tasks) {
    const start = await world.reset(task);
    let { state, status, score } = start;
    const asked = performance.now();
    ({ state } = await world.step(state, `search[${start.instruction}]`));
    searches.push(performance.now() - asked);
    for (const action of solveGoal(shop, state.session.goal) ?? ['click[b]']) {
      ({ state, status, score } = await world.step(state, action));
      steps++;
    }
    scores.push(status === 'running' ? -1 : score);
  }
  return {
    products: catalogue.size,
    terms: index.terms.length,
    goals: shop.goals.length,
    startSeconds,
    startProcessorSeconds: (user + system) / 1e6,
    nounSeconds,
    searches: searches.sort((a, b) => a - b),
    stepsPerSecond: steps / seconds(walked),
    scores,
    peakMegabytes: peakMegabytes(),
  };
}

const [mode, ...rest] = process.argv.slice(2);
if (mode === 'write') {
  writeCatalogueFiles(largeCatalogue(Number(rest[0])), rest[1]!);
  console.log(JSON.stringify({ peakMegabytes: peakMegabytes() }));
} else if (mode === 'serve') {
  console.log(JSON.stringify(await serve(rest[0]!)));
}
