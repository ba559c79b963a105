import type { PythonRandom } from '../python/python-random.js';

/** The limit of a goal that may cost anything. */
export const ANY_PRICE = 1_000_000;

const LIMITS: readonly number[] = Array.from({ length: 99 }, (_, i) => 10 * (i + 1));
const CONSIDERED = 4;

/**
 * Draws the limit of a goal's price: the larger of two of the four next tens above the price, up to 990; no limit where
 * fewer than two are left.
 */
export function drawPriceLimit(price: number, random: PythonRandom): number {
  const above = LIMITS.filter((limit) => limit > price).slice(0, CONSIDERED);
  return above.length < 2 ? ANY_PRICE : Math.max(...random.sample(above, 2));
}

/** How an instruction speaks of the limit. */
export const priceLimitText = (limit: number): string =>
  limit === ANY_PRICE ? '' : `, and price lower than ${limit.toFixed(2)} dollars`;
