import { randomSource, type RandomSource } from '@spark-rl/core';

import { readPricing } from '../catalogue/pricing.js';
import type { OptionGroup, Product } from '../catalogue/product.js';
import { BRANDS, OPTION_VALUES, PRODUCT_TYPES, type ProductType } from './product-types.js';

/** `brief` products fit a small model's window; `full` ones have the lengths of the real data. */
export type ProductDetail = 'brief' | 'full';

// Shares and means of the 1,000-product set.
const WITHOUT_PRICE = 0.089;
const WITH_PRICE_RANGE = 0.093;
const WITHOUT_ATTRIBUTES = 0.185;
const WITHOUT_DESCRIPTION = 0.3;
const WITH_OPTIONS = 0.45;

const SENTENCES: readonly ((type: ProductType, random: RandomSource) => string)[] = [
  ({ name }) => `This ${name.toLowerCase()} was made to be used every day and to last.`,
  (_, random) => `Every one is looked over by ${random.integer(5) + 2} people before it leaves us.`,
  ({ query }) => `Of all our ${query}, this is the one that people come back for.`,
  () => 'If anything is not as you wish, write to us and we will put it right.',
  ({ name }) => `A ${name.toLowerCase()} also makes a present that is easy to give.`,
  () => 'The colors on your screen may differ a little from those in daylight.',
];

function optionGroups(
  type: ProductType,
  random: RandomSource,
  detail: ProductDetail,
): OptionGroup[] {
  const groups = new Map<string, OptionGroup>();
  for (const kind of type.options) {
    if (random.uniform() >= WITH_OPTIONS) continue;
    const { name, values } = OPTION_VALUES[kind];
    const most = detail === 'brief' ? 4 : values.length;
    const count = 2 + random.integer(Math.max(1, most - 1));
    const chosen = new Set(random.shuffle(values).slice(0, count));
    groups.set(name, { name, values: values.filter((value) => chosen.has(value)) });
  }
  return [...groups.values()];
}

function pricing(type: ProductType, random: RandomSource): string {
  const [low, high] = type.price;
  const draw = (): number => low + (high - low) * random.uniform() ** 2;
  const kind = random.uniform();
  if (kind < WITHOUT_PRICE) return '';
  const price = draw();
  const text = `$${price.toFixed(2)}`;
  return kind < WITHOUT_PRICE + WITH_PRICE_RANGE
    ? `${text} - $${(price * (1.1 + random.uniform())).toFixed(2)}`
    : text;
}

const capital = (text: string): string =>
  text.replace(/(^| )[a-z]/g, (letter) => letter.toUpperCase());

/** The sentence that asks for a product by its attributes; the first ones before the kind, the last one after it. */
function instruction(query: string, attributes: readonly string[]): string {
  const before = attributes.slice(0, Math.max(1, attributes.length - 1)).join(', ');
  const last = attributes.length > 1 ? ` with ${attributes.at(-1)!}` : '';
  return `Find me ${before} ${query}${last}`;
}

/**
 * Product number `place` of the synthetic catalogue of a seed: it follows from these two alone. Every attribute stands in the
 * title or in a bullet point, so that it can be found out.
 */
export function syntheticProduct(
  seed: number,
  place: number,
  asin: string,
  detail: ProductDetail,
): Product {
  const random = randomSource(['webshop', 'product', seed, place]);
  // Kinds take turns, so that a code can tell the kind.
  const type = PRODUCT_TYPES[place % PRODUCT_TYPES.length]!;
  const count =
    random.uniform() < WITHOUT_ATTRIBUTES ? 0 : 1 + random.integer(detail === 'brief' ? 4 : 6);
  const attributes = random.shuffle(type.attributes).slice(0, count);
  const named = attributes.slice(0, detail === 'brief' ? 1 : 2).map(capital);
  const options = optionGroups(type, random, detail);
  const number = 100 + random.integer(900);
  const title = [random.pick(BRANDS), ...named, type.name, String(number)].join(' ');
  const sentences = random.shuffle(SENTENCES).map((sentence) => sentence(type, random));
  const filler = detail === 'brief' ? [] : sentences.slice(0, 2);
  const asked =
    attributes.length < 2 ? [] : attributes.slice(0, 2 + random.integer(attributes.length - 1));
  const isAsked = asked.length >= 2;
  return {
    asin,
    title:
      detail === 'brief'
        ? title
        : `${title}, ${capital(type.query)} for Home, Travel and Every Day, Carefully Made and Tested, a Gift for All Seasons`,
    description:
      detail === 'brief' || random.uniform() < WITHOUT_DESCRIPTION
        ? ''
        : [...sentences, ...sentences].join(' '),
    bulletPoints: [...attributes.map((attribute) => `${capital(attribute)}.`), ...filler],
    category: type.category,
    query: type.query,
    productCategory: type.path,
    attributes,
    ...readPricing(pricing(type, random)),
    options,
    image: null,
    instruction: isAsked ? instruction(type.query, asked) : null,
    instructionAttributes: isAsked ? asked : [],
    humanInstructions: [],
  };
}
