import { join } from 'node:path';

import { someEnvironment, type Task } from '@spark-rl/core';
import {
  GOAL_SPLITS,
  openCatalogue,
  openShop,
  readCatalogue,
  readSearchIndex,
  shopExpert,
  syntheticCatalogue,
  syntheticNouns,
  tableNouns,
  webshopBrief,
  webshopEnvironment,
  winkNouns,
  type Shop,
} from '@spark-rl/env-webshop';

import { readJson } from '../commands/webshop/read-json.js';
import { indexPaths } from '../commands/webshop/index-files.js';
import type { WebshopConfig } from '../config/environment-schema.js';
import { listOf } from './task-list.js';
import { tasksByEpoch } from './training-order.js';
import type { WorldParts } from './world.js';

async function openShopOf(config: WebshopConfig): Promise<Shop> {
  const { items, instructions, humanInstructions, index, nouns, products, detail } = config;
  const goals = { kind: config.goals };
  if (items === null || instructions === null) {
    const catalogue = syntheticCatalogue({ size: products, detail });
    return openShop({ catalogue, nouns: syntheticNouns, goals });
  }
  const files = {
    items,
    instructions,
    ...(humanInstructions !== null && { humanInstructions }),
  };
  const extractor =
    nouns === null ? await winkNouns() : tableNouns(readJson(nouns) as Record<string, string[]>);
  if (index === null)
    return openShop({ catalogue: await readCatalogue(files), nouns: extractor, goals });
  const paths = indexPaths(index);
  const catalogue = await openCatalogue(files, paths.products);
  return openShop({ catalogue, nouns: extractor, goals, index: readSearchIndex(paths.search) });
}

/** WebShop, synthetic or real. What success is measured on is the split that the chosen division measures on. */
export async function webshopWorld(config: WebshopConfig): Promise<WorldParts> {
  const shop = await openShopOf(config);
  const { observation, format, splits, maxTurns } = config;
  const environment = webshopEnvironment({ shop, observation, format, splits, maxSteps: maxTurns });
  let training: readonly Task[] | undefined;
  return {
    environment: someEnvironment(environment),
    expert: shopExpert(config.expert),
    brief: webshopBrief,
    splits: {
      unseen: splits === 'original' ? 'test' : 'val',
      names: Object.keys(GOAL_SPLITS[splits]),
    },
    tasks: (split, seed, count) => listOf(environment.tasks({ split, seed, count })),
    trainingTasks: async (seed, step, count) => {
      training ??= await listOf(environment.tasks({ split: 'train' }));
      const key = [seed, step === 0 ? 'warm-up' : 'reinforce'];
      return tasksByEpoch(training, key, Math.max(0, step - 1) * count, count);
    },
    tellsTask: format === 'original',
    close: () => Promise.resolve(shop.catalogue.close?.()),
  };
}
