import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { randomSource, type Task } from '@spark-rl/core';
import {
  analyze,
  buildSearchIndex,
  indexCatalogue,
  makeGoals,
  openCatalogue,
  openShop,
  readCatalogue,
  readSearchIndex,
  saveSearchIndex,
  searchEngine,
  searchText,
  syntheticCatalogue,
  webshopEnvironment,
  winkNouns,
  writeCatalogueFiles,
  type Catalogue,
  type CatalogueFiles,
  type ObservationMode,
  type SearchIndex,
} from '@spark-rl/env-webshop';
import MiniSearch from 'minisearch';

import { median, timeRuns } from './measure.js';
import { benchRow, type BenchRow } from './report.js';

const EPISODES = 300;
const QUERIES = 500;
const ROUNDS = 5;
const FOUND = 50;
/** The original's text environment, recorded on one core, with its search and its nouns left out. */
const ORIGINAL_STEPS = 86;

const real = new URL('../../../shared/data/webshop/', import.meta.url).pathname;

interface Source {
  readonly name: string;
  readonly files: CatalogueFiles;
}

/** The data files that are measured: the 1,000 real products, or as many synthetic ones in the same form. */
function source(folder: string): Source {
  if (existsSync(real)) {
    return {
      name: '1,000 real products',
      files: {
        items: join(real, 'items_shuffle_1000.reconstructed.json'),
        instructions: join(real, 'items_ins_v2_1000.json'),
      },
    };
  }
  console.log('the real products of ../shared/data are absent: measuring synthetic ones\n');
  const catalogue = syntheticCatalogue({ size: 1000, detail: 'full' });
  return { name: '1,000 synthetic products', files: writeCatalogueFiles(catalogue, folder) };
}

const percentile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.ceil(share * values.length) - 1]!;

/** What a shopper clicks on a product's page: every option group's last value, the pages below it, and at the end the button. */
function clicksOf(catalogue: Catalogue, asin: string): string[] {
  const { options } = catalogue.product(catalogue.placeOf(asin)!);
  return [
    asin.toLowerCase(),
    ...options.flatMap(({ values }) => values.slice(-1)),
    ...['description', '< prev', 'features', '< prev', 'reviews', '< prev', 'buy now'],
  ].map((text) => `click[${text}]`);
}

/**
 * Steps per second: search for the instruction, the second page and back, open the best product, choose options, read three
 * pages, buy. What can be clicked is asked after each step; no search was made and no name was seen before.
 */
async function stepsPerSecond(
  catalogue: Catalogue,
  index: SearchIndex,
  observation: ObservationMode,
): Promise<number> {
  const rates: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    // An extractor of its own, since it remembers names.
    const nouns = await winkNouns();
    const shop = openShop({ catalogue, index, nouns });
    const world = webshopEnvironment({ shop, observation, maxSteps: 100 });
    const query = { split: 'all', count: EPISODES, seed: round };
    const tasks = (await world.tasks(query)) as readonly Task[];
    let steps = 0;
    const started = performance.now();
    for (const task of tasks) {
      let { state, instruction, status } = await world.reset(task);
      const words = instruction.replace(/[[\]]/g, ' ').toLowerCase();
      const [best] = shop.find(words.split(' '));
      if (best === undefined) throw new Error(`nothing was found for ${words}`);
      for (const action of [
        `search[${words}]`,
        'click[next >]',
        'click[< prev]',
        ...clicksOf(catalogue, catalogue.asin(best)),
      ]) {
        ({ state, status } = await world.step(state, action));
        await world.admissible!(state);
        steps++;
      }
      if (status === 'running') throw new Error('nothing was bought');
    }
    rates.push((steps * 1000) / (performance.now() - started));
  }
  return median(rates);
}

/** Milliseconds of each query. */
function latencies(queries: readonly string[], search: (query: string) => unknown): number[] {
  for (const query of queries.slice(0, 100)) search(query);
  return queries.map((query) => {
    const started = performance.now();
    search(query);
    return performance.now() - started;
  });
}

/** Another way to find the same: every text's terms, counted for each query. */
function linearScan(catalogue: Catalogue): (query: string) => readonly string[] {
  const texts = Array.from({ length: catalogue.size }, (_, place) => {
    const counts = new Map<string, number>();
    const terms = analyze(searchText(catalogue.product(place)));
    for (const term of terms) counts.set(term, (counts.get(term) ?? 0) + 1);
    return { asin: catalogue.asin(place), counts, length: terms.length };
  });
  const average = texts.reduce((sum, { length }) => sum + length, 0) / texts.length;
  return (query) => {
    const terms = analyze(query);
    const having = terms.map((term) => texts.filter(({ counts }) => counts.has(term)).length);
    return texts
      .map(({ asin, counts, length }) => {
        let score = 0;
        for (const [i, term] of terms.entries()) {
          const count = counts.get(term);
          if (count === undefined) continue;
          const idf = Math.log(1 + (texts.length - having[i]! + 0.5) / (having[i]! + 0.5));
          score += (idf * count) / (count + 0.9 * (0.6 + (0.4 * length) / average));
        }
        return { asin, score };
      })
      .filter(({ score }) => score > 0)
      .sort((a, b) => b.score - a.score || (a.asin < b.asin ? -1 : 1))
      .slice(0, FOUND)
      .map(({ asin }) => asin);
  };
}

const MINI = {
  fields: ['text'],
  idField: 'asin',
  tokenize: analyze,
  processTerm: (term: string): string => term,
  searchOptions: { bm25: { k: 0.9, b: 0.4, d: 0 }, combineWith: 'OR' as const },
};

function miniSearch(catalogue: Catalogue): MiniSearch {
  const mini = new MiniSearch(MINI);
  for (let place = 0; place < catalogue.size; place++)
    mini.add({ asin: catalogue.asin(place), text: searchText(catalogue.product(place)) });
  return mini;
}

/** Times `ours` and `theirs` in turn. @returns their medians in milliseconds */
async function against(ours: () => unknown, theirs: () => unknown): Promise<[number, number]> {
  const times: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    times[0].push(...(await timeRuns(1, ours)));
    times[1].push(...(await timeRuns(1, theirs)));
  }
  return [median(times[0]), median(times[1])];
}

async function measure(folder: string): Promise<readonly BenchRow[]> {
  const { name, files } = source(folder);
  const catalogue = await readCatalogue(files);
  const index = buildSearchIndex(catalogue);
  const { goals } = makeGoals(catalogue);
  const random = randomSource(['bench', 'webshop']);
  const queries = Array.from(
    { length: QUERIES },
    () => goals.at(random.integer(goals.length)).instruction,
  );
  const engine = searchEngine(catalogue, index);
  const scan = linearScan(catalogue);
  const mini = miniSearch(catalogue);
  const same = queries.filter(
    (query) => engine.search(query, 1)[0]?.asin === scan(query)[0],
  ).length;
  // The scan takes lengths and numbers as they are, Lucene rounds both: near ties may fall the other way.
  if (same < 0.85 * QUERIES) throw new Error(`the scan finds another best product: ${same} alike`);
  const ours = latencies(queries, (query) => engine.search(query, FOUND));
  const scanned = latencies(queries, scan);
  const minis = latencies(queries, (query) => mini.search(query).slice(0, FOUND));

  const paths = { products: join(folder, 'products.index'), search: join(folder, 'search.index') };
  await indexCatalogue(files, paths.products);
  saveSearchIndex(catalogue, paths.search);
  const json = JSON.stringify(mini);
  const [build, miniBuild] = await against(
    () => buildSearchIndex(catalogue),
    () => miniSearch(catalogue),
  );
  const [load, miniLoad] = await against(
    () => readSearchIndex(paths.search).close?.(),
    () => MiniSearch.loadJSON(json, MINI),
  );
  const [open, read] = await against(
    async () => (await openCatalogue(files, paths.products)).close?.(),
    () => readCatalogue(files),
  );

  const steps = { unit: 'steps/s', better: 'higher', limit: 1000 } as const;
  const original = {
    peer: 'original, search and nouns left out (recorded)',
    peerValue: ORIGINAL_STEPS,
  };
  const milliseconds = { unit: 'ms', better: 'lower' } as const;
  const alone = 'MiniSearch 7.2, same terms';
  return [
    benchRow({
      metric: `steps per second of mixed episodes, text, ${name}`,
      value: await stepsPerSecond(catalogue, index, 'text'),
      ...steps,
      ...original,
    }),
    benchRow({
      metric: 'steps per second of mixed episodes, text_rich',
      value: await stepsPerSecond(catalogue, index, 'text_rich'),
      ...steps,
      ...original,
    }),
    ...(
      [
        ['median', 0.5],
        ['95th percentile', 0.95],
      ] as const
    ).flatMap(([title, share]) =>
      (
        [
          ['linear scan', scanned],
          [alone, minis],
        ] as const
      ).map(([peer, times]) =>
        benchRow({
          metric: `search for an instruction, ${title}`,
          value: percentile(ours, share),
          ...milliseconds,
          peer,
          peerValue: percentile(times, share),
          limit: percentile(times, share),
        }),
      ),
    ),
    benchRow({
      metric: 'build the search index',
      value: build,
      ...milliseconds,
      peer: alone,
      peerValue: miniBuild,
      limit: miniBuild,
    }),
    benchRow({
      metric: 'open the saved search index',
      value: load,
      ...milliseconds,
      peer: `${alone}, from JSON`,
      peerValue: miniLoad,
      limit: miniLoad,
    }),
    benchRow({
      metric: 'saved search index',
      value: statSync(paths.search).size / 1000,
      unit: 'kB',
      better: 'lower',
      peer: `${alone}, as JSON`,
      peerValue: Buffer.byteLength(json) / 1000,
    }),
    benchRow({
      metric: 'open the catalogue from its index',
      value: open,
      ...milliseconds,
      peer: 'read the data files',
      peerValue: read,
      limit: read,
    }),
  ];
}

/** Steps per second of mixed episodes, search latency, and the time to build and to open indices. */
export async function benchWebshop(): Promise<readonly BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-webshop-'));
  try {
    return await measure(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
