import { InvalidInputError } from '@spark-rl/core';

import { floatText } from '../python/python-text.js';
import type { Product } from './product.js';

/** The price of products that have none. */
const NO_PRICE = 100;

/** One amount, whatever stands around its digits and points. */
function amount(text: string, pricing: string): number {
  const digits = text.replace(/[^\p{Nd}.]/gu, '');
  if (!/^(\d+\.?\d*|\.\d+)$/.test(digits)) {
    throw new InvalidInputError(`pricing ${JSON.stringify(pricing)} holds an amount that is none`, {
      field: 'pricing',
      value: pricing,
      remedy: 'Write prices as "$19.99" or "$19.99 - $27.99", or leave the field empty.',
    });
  }
  return Number(digits);
}

/**
 * Reads the `pricing` of a product: every amount follows a dollar sign, at most two count, and none at all means $100.
 *
 * @throws InvalidInputError when there is text without a dollar sign, or an amount that is no number
 */
export function readPricing(
  pricing: string | null | undefined,
): Pick<Product, 'prices' | 'priceText'> {
  if (pricing === null || pricing === undefined || pricing === '')
    return { prices: [NO_PRICE], priceText: '$100.0' };
  const amounts = pricing
    .split('$')
    .slice(1)
    .map((text) => amount(text, pricing));
  const [first, second] = amounts;
  if (first === undefined) {
    throw new InvalidInputError(`pricing ${JSON.stringify(pricing)} has no dollar sign`, {
      field: 'pricing',
      value: pricing,
      remedy: 'Write prices as "$19.99" or "$19.99 - $27.99", or leave the field empty.',
    });
  }
  return second === undefined
    ? { prices: [first], priceText: `$${floatText(first)}` }
    : {
        prices: [first, second],
        priceText: `$${floatText(first)} to $${floatText(second)}`,
      };
}
