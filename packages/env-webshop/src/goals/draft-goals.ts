import { InvalidInputError } from '@spark-rl/core';

import type { Catalogue } from '../catalogue/catalogue.js';
import type { OptionGroup, Product } from '../catalogue/product.js';
import { factsAt } from '../catalogue/product-facts.js';
import { bisectRight } from '../python/bisect.js';
import { compareCodePoints } from '../python/python-text.js';
import type { PythonRandom } from '../python/python-random.js';
import type { Goal } from './goal.js';
import { drawPriceLimit, priceLimitText } from './price-limit.js';

/** Where the instructions come from: `synthetic` ones of the data, or those that people wrote. */
export type GoalKind = 'synthetic' | 'human';

/** Goals before they are put in order, as numbers: the full data have millions. */
export interface GoalDraft {
  readonly length: number;
  /** The product of a goal, which of the product's goals it is (a combination of options, a person's instruction), and its limit. */
  readonly at: (index: number) => {
    readonly place: number;
    readonly variant: number;
    readonly limit: number;
  };
  readonly weight: (index: number) => number;
}

const sortedGroups = (product: Product): OptionGroup[] =>
  [...product.options].sort((a, b) => compareCodePoints(a.name, b.name));

/** The combination at a place: the last name varies fastest. */
function combination(product: Product, variant: number): (readonly [string, string])[] {
  const pairs: (readonly [string, string])[] = [];
  let rest = variant;
  for (const { name, values } of sortedGroups(product).reverse()) {
    pairs.push([name, values[rest % values.length]!]);
    rest = Math.floor(rest / values.length);
  }
  return pairs.reverse();
}

/** One goal for each instruction of a person that asks for an attribute, each with a limit of its own. */
function draftHuman(catalogue: Catalogue, prices: Float64Array, random: PythonRandom): GoalDraft {
  const goals: { place: number; variant: number; limit: number }[] = [];
  for (let place = 0; place < catalogue.size; place++) {
    for (const [variant, asks] of factsAt(catalogue, place).human.entries())
      if (asks) goals.push({ place, variant, limit: drawPriceLimit(prices[place]!, random) });
  }
  return { length: goals.length, at: (index) => goals[index]!, weight: () => 1 };
}

/**
 * The goals of all combinations of options; those of a product share a limit. A goal counts the more the rarer its attributes
 * are: the mean of one over how many goals ask for each.
 */
function draftSynthetic(
  catalogue: Catalogue,
  prices: Float64Array,
  random: PythonRandom,
): GoalDraft {
  const { size } = catalogue;
  /** The number of goals before each product, and of all. */
  const starts = new Float64Array(size + 1);
  const limits = new Float64Array(size);
  const counts = new Map<string, number>();
  for (let place = 0; place < size; place++) {
    const { combinations, asked } = factsAt(catalogue, place);
    starts[place + 1] = starts[place]! + combinations;
    const isAsking = asked.length > 0;
    // A product with an empty group of options has an instruction, and draws, but no combination.
    if (combinations === 0 && !isAsking) continue;
    if (!isAsking) throw asksForNothing(catalogue.product(place));
    limits[place] = drawPriceLimit(prices[place]!, random);
    for (const attribute of asked)
      counts.set(attribute, (counts.get(attribute) ?? 0) + combinations);
  }
  const placeOf = (index: number): number => bisectRight(starts, index) - 1;
  /** By place, worked out when one of its goals is looked at. */
  const weights = new Float64Array(size).fill(Number.NaN);
  return {
    length: starts[size]!,
    at: (index) => {
      const place = placeOf(index);
      return { place, variant: index - starts[place]!, limit: limits[place]! };
    },
    weight: (index) => {
      const place = placeOf(index);
      if (Number.isNaN(weights[place])) {
        const { asked } = factsAt(catalogue, place);
        weights[place] = asked.reduce((sum, each) => sum + 1 / counts.get(each)!, 0) / asked.length;
      }
      return weights[place]!;
    },
  };
}

/**
 * Drafts the goals of a catalogue in its order. Draws one price limit a product with a synthetic instruction, or one a
 * person's instruction that asks for an attribute; instructions that ask for none are left out.
 *
 * @throws InvalidInputError when a synthetic instruction asks for no attribute
 */
export const draftGoals = (
  catalogue: Catalogue,
  prices: Float64Array,
  kind: GoalKind,
  random: PythonRandom,
): GoalDraft => (kind === 'human' ? draftHuman : draftSynthetic)(catalogue, prices, random);

const asksForNothing = (product: Product): InvalidInputError =>
  new InvalidInputError(`the instruction of product ${product.asin} asks for nothing`, {
    field: 'instruction_attributes',
    value: product.instruction,
    remedy: 'Give the instruction attributes, or leave the instruction out.',
  });

/** Makes the goal at a place of a draft. */
export function goalOf(
  catalogue: Catalogue,
  kind: GoalKind,
  draft: GoalDraft,
  index: number,
): Goal {
  const { place, variant, limit: priceUpper } = draft.at(index);
  const product = catalogue.product(place);
  const common = {
    asin: product.asin,
    category: product.category,
    query: product.query,
    name: product.title,
    productCategory: product.productCategory,
    priceUpper,
    weight: draft.weight(index),
  };
  if (kind === 'human') {
    const { instruction, attributes, options } = product.humanInstructions[variant]!;
    const text = instruction.replace(/^\.+|\.+$/g, '');
    return { ...common, instruction: text + priceLimitText(priceUpper), attributes, options };
  }
  const options = combination(product, variant);
  const wanted = options.map(([name, value]) => `${name}: ${value}`).join(', and ');
  return {
    ...common,
    instruction: `${product.instruction ?? ''}${wanted === '' ? '' : ` with ${wanted}`}${priceLimitText(priceUpper)}`,
    attributes: product.instructionAttributes,
    options,
  };
}
