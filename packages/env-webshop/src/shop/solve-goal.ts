import type { Goal } from '../goals/goal.js';
import { strip } from '../python/python-text.js';
import type { Shop } from './shop.js';

const PER_PAGE = 10;

/**
 * Actions that buy the product that a goal was made from, with the options it asks for; null where no search for its name
 * finds it, or an option of it cannot be named. In a synthetic catalogue they always earn the full reward.
 */
export function solveGoal(shop: Shop, goal: Goal): readonly string[] | null {
  const place = shop.catalogue.placeOf(goal.asin);
  const query = strip(goal.name.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, ' '));
  if (place === undefined || query === '') return null;
  const rank = shop.find(query.split(' ')).indexOf(place);
  if (rank < 0) return null;
  const values = goal.options.map((option) => (typeof option === 'string' ? option : option[1]));
  if (values.some((value) => value.includes('[') || value.includes('\n'))) return null;
  return [
    `search[${query}]`,
    ...Array.from({ length: Math.floor(rank / PER_PAGE) }, () => 'click[next >]'),
    ...[goal.asin.toLowerCase(), ...values, 'buy now'].map((text) => `click[${text}]`),
  ];
}
