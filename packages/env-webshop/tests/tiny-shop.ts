import { memoryCatalogue } from '../src/catalogue/catalogue.js';
import type { Product } from '../src/catalogue/product.js';
import { wordNouns } from '../src/reward/nouns.js';
import { openShop, type Shop } from '../src/shop/shop.js';

/** A product of a made-up catalogue; what is not given is empty. */
export const madeUp = (asin: string, given: Partial<Product> = {}): Product => ({
  asin,
  title: `Mug ${asin}`,
  description: '',
  bulletPoints: [],
  category: 'garden',
  query: 'mugs',
  productCategory: 'Home › Kitchen › Mugs',
  attributes: [],
  prices: [5],
  priceText: '$5.0',
  options: [],
  image: null,
  instruction: null,
  instructionAttributes: [],
  humanInstructions: [],
  ...given,
});

/** The mug that the goals of the tiny shop are made from. */
export const mug = madeUp('B000000001', {
  title: 'Blue Mug "Sky"',
  description: 'A mug for tea.',
  bulletPoints: ['hand made', ''],
  attributes: ['hand made', 'lead free'],
  options: [
    { name: 'size', values: ['small', 'large'] },
    { name: 'color', values: ['blue', "painter's <red>", 'a[b', 'small'] },
  ],
  instruction: 'Find me hand made mugs',
  instructionAttributes: ['hand made'],
});

/** A shop of three products and eight goals. */
export const tinyShop = (): Shop =>
  openShop({
    catalogue: memoryCatalogue([mug, madeUp('B000000002'), madeUp('B000000003')]),
    nouns: wordNouns,
  });
