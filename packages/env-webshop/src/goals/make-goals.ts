import { parseInput } from '@spark-rl/core';
import { z } from 'zod';

import type { Catalogue } from '../catalogue/catalogue.js';
import { factsAt } from '../catalogue/product-facts.js';
import { bisectRight } from '../python/bisect.js';
import { pythonRandom, type PythonRandom } from '../python/python-random.js';
import { draftGoals, goalOf, type GoalKind } from './draft-goals.js';
import type { Goal, GoalList } from './goal.js';

/** Which goals a shop has, and in what order. */
export interface GoalOptions {
  /** `synthetic` (default) or `human` instructions. */
  readonly kind?: GoalKind;
  /** The seed of prices and price limits; the original leaves it to chance. Default 0. */
  readonly preSeed?: number;
  /** The seed of the order; default 233, the original's. */
  readonly shuffleSeed?: number;
  /** Draws so many of the goals by their weights, all different; all by default. */
  readonly limit?: number;
}

const schema = z.strictObject({
  kind: z.enum(['synthetic', 'human']).default('synthetic'),
  preSeed: z.int().default(0),
  shuffleSeed: z.int().default(233),
  limit: z.int().min(1).optional(),
});

/** The goals of a shop, and the prices that its products have in it. */
export interface ShopGoals {
  readonly goals: GoalList;
  /** Of each product in dollars, by its place. */
  readonly prices: Float64Array;
}

/** Sums of the weights so far, from 0: as many as weights, and one. */
export function cumulativeWeights(weights: Iterable<number>): number[] {
  const sums = [0];
  for (const weight of weights) sums.push(sums[sums.length - 1]! + weight);
  return sums;
}

/**
 * The original's draw by weight. It is off by one: the place found among the sums that begin with 0 is taken for a place
 * among the weights, so the first is drawn only where it is the only one, and the last also in its stead.
 */
export function weightedPlace(sums: readonly number[], random: PythonRandom): number {
  const place = bisectRight(sums, random.uniform(0, sums[sums.length - 1]!));
  return Math.min(place, sums.length - 2);
}

/** The prices of all products: one that has two is drawn between them. */
function drawPrices(catalogue: Catalogue, random: PythonRandom): Float64Array {
  return Float64Array.from({ length: catalogue.size }, (_, place) => {
    const [low, high] = factsAt(catalogue, place).prices;
    return high === undefined ? low : random.uniform(low, high);
  });
}

/**
 * Makes the goals of a catalogue with Python's random numbers: prices, then price limits, from `preSeed`; the order from
 * `shuffleSeed`. (web_agent_site/engine/goal.py and the constructor of SimServer)
 *
 * @throws InvalidInputError when an option is wrong, or more goals are wanted than can be drawn
 */
export function makeGoals(catalogue: Catalogue, options: GoalOptions = {}): ShopGoals {
  const { kind, preSeed, shuffleSeed, limit } = parseInput(schema, options, 'options of makeGoals');
  const before = pythonRandom(preSeed);
  const prices = drawPrices(catalogue, before);
  const draft = draftGoals(catalogue, prices, kind, before);
  const random = pythonRandom(shuffleSeed);
  let order: ArrayLike<number> = Int32Array.from({ length: draft.length }, (_, i) => i);
  random.shuffle(order);
  if (limit !== undefined && limit < draft.length) {
    const all = order;
    const sums = cumulativeWeights(Array.from(all, (i) => draft.weight(i)));
    const drawn = new Set<number>();
    // The first can never be drawn, see weightedPlace.
    const most = Math.min(limit, draft.length - 1);
    while (drawn.size < most) drawn.add(weightedPlace(sums, random));
    order = Int32Array.from(drawn, (i) => all[i]!);
  }
  const goals = order;
  const at = (place: number): Goal => goalOf(catalogue, kind, draft, indexAt(place));
  const indexAt = (place: number): number => {
    const index = goals[place];
    if (index === undefined)
      throw new RangeError(`there is no goal ${place}; there are ${goals.length}`);
    return index;
  };
  return {
    goals: { length: goals.length, at, weight: (place) => draft.weight(indexAt(place)) },
    prices,
  };
}
