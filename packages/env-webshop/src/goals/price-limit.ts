import type { PythonRandom } from '../python/python-random.js';

/** The limit of a goal that may cost anything. */
export const ANY_PRICE = 1_000_000;

const STEP = 10;
const LARGEST = 990;
const CONSIDERED = 4;

/** The first few limits above a price. */
function limitsAbove(price: number): number[] {
  const limits: number[] = [];
  let limit = Math.max(0, STEP * Math.floor(price / STEP) - STEP);
  while (limits.length < CONSIDERED && (limit += STEP) <= LARGEST)
    if (limit > price) limits.push(limit);
  return limits;
}

/**
 * Draws the limit of a goal's price: the larger of two of the four next tens above the price, up to 990; no limit where
 * fewer than two are left.
 */
export function drawPriceLimit(price: number, random: PythonRandom): number {
  const above = limitsAbove(price);
  return above.length < 2 ? ANY_PRICE : Math.max(...random.sample(above, 2));
}

/** How an instruction speaks of the limit. */
export const priceLimitText = (limit: number): string =>
  limit === ANY_PRICE ? '' : `, and price lower than ${limit.toFixed(2)} dollars`;
