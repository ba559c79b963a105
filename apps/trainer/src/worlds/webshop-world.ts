import { someEnvironment, type Task } from '@spark-rl/core';
import {
  GOAL_SPLITS,
  shopExpert,
  webshopBrief,
  webshopEnvironment,
  type Shop,
} from '@spark-rl/env-webshop';

import { openNamedShop } from '../commands/webshop/named-shop.js';
import type { WebshopConfig } from '../config/environment-schema.js';
import { listOf } from './task-list.js';
import { tasksByEpoch } from './training-order.js';
import type { WorldParts } from './world.js';

function openShopOf(config: WebshopConfig): Promise<Shop> {
  const { items, instructions, humanInstructions, index, nouns } = config;
  const { goals, products, detail } = config;
  return openNamedShop({
    goals,
    products,
    detail,
    ...(items !== null && { items }),
    ...(instructions !== null && { ins: instructions }),
    ...(humanInstructions !== null && { human: humanInstructions }),
    ...(index !== null && { index }),
    ...(nouns !== null && { nouns }),
  });
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
    // With its spaces: what follows is then written as it is inside an action.
    separators: [' [SEP] '],
    tellsTask: format === 'original',
    close: () => Promise.resolve(shop.catalogue.close?.()),
  };
}
