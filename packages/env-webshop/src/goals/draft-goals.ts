import { InvalidInputError } from '@spark-rl/core';

import type { Catalogue } from '../catalogue/catalogue.js';
import type { OptionGroup, Product } from '../catalogue/product.js';
import { factsAt } from '../catalogue/product-facts.js';
import { compareCodePoints } from '../python/python-text.js';
import type { PythonRandom } from '../python/python-random.js';
import type { Goal } from './goal.js';
import { drawPriceLimit, priceLimitText } from './price-limit.js';

/** Where the instructions come from: `synthetic` ones of the data, or those that people wrote. */
export type GoalKind = 'synthetic' | 'human';

/** Goals before they are put in order, as numbers: the full data have millions. */
export interface GoalDraft {
  readonly length: number;
  /** The product of each goal. */
  readonly places: Int32Array;
  /** Which of the product's goals it is: a combination of options, or a person's instruction. */
  readonly variants: Int32Array;
  readonly limits: Float64Array;
  readonly weights: Float64Array;
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

/** Collects numbers without an array object of them. */
function column(): { push: (value: number) => void; values: () => Float64Array } {
  let buffer = new Float64Array(1024);
  let length = 0;
  return {
    push: (value) => {
      if (length === buffer.length) {
        const larger = new Float64Array(2 * length);
        larger.set(buffer);
        buffer = larger;
      }
      buffer[length++] = value;
    },
    values: () => buffer.slice(0, length),
  };
}

/**
 * Drafts the goals of a catalogue in its order. Draws one price limit a product with a synthetic instruction, or one a
 * person's instruction that asks for an attribute; instructions that ask for none are left out.
 *
 * @throws InvalidInputError when a synthetic instruction asks for no attribute
 */
export function draftGoals(
  catalogue: Catalogue,
  prices: Float64Array,
  kind: GoalKind,
  random: PythonRandom,
): GoalDraft {
  const [places, variants, limits] = [column(), column(), column()];
  const counts = new Map<string, number>();
  const add = (place: number, variant: number, limit: number): void => {
    places.push(place);
    variants.push(variant);
    limits.push(limit);
  };
  for (let place = 0; place < catalogue.size; place++) {
    const { combinations, asked, human } = factsAt(catalogue, place);
    if (kind === 'human') {
      for (const [variant, asks] of human.entries())
        if (asks) add(place, variant, drawPriceLimit(prices[place]!, random));
      continue;
    }
    const isAsking = asked.length > 0;
    // A product with an empty group of options has an instruction, and draws, but no combination.
    if (combinations === 0 && !isAsking) continue;
    if (!isAsking) throw asksForNothing(catalogue.product(place));
    const limit = drawPriceLimit(prices[place]!, random);
    for (let variant = 0; variant < combinations; variant++) add(place, variant, limit);
    for (const attribute of asked)
      counts.set(attribute, (counts.get(attribute) ?? 0) + combinations);
  }
  const placeColumn = Int32Array.from(places.values());
  return {
    length: placeColumn.length,
    places: placeColumn,
    variants: Int32Array.from(variants.values()),
    limits: limits.values(),
    weights: kind === 'human' ? new Float64Array(placeColumn.length).fill(1) : weigh(),
  };

  /** A synthetic goal counts the more the rarer its attributes are: the mean of one over how many goals ask for each. */
  function weigh(): Float64Array {
    const weights = new Float64Array(placeColumn.length);
    let [last, weight] = [-1, 0];
    for (let i = 0; i < weights.length; i++) {
      const place = placeColumn[i]!;
      if (place !== last) {
        const { asked: wanted } = factsAt(catalogue, place);
        weight = wanted.reduce((sum, each) => sum + 1 / counts.get(each)!, 0) / wanted.length;
        last = place;
      }
      weights[i] = weight;
    }
    return weights;
  }
}

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
  const product = catalogue.product(draft.places[index]!);
  const variant = draft.variants[index]!;
  const priceUpper = draft.limits[index]!;
  const common = {
    asin: product.asin,
    category: product.category,
    query: product.query,
    name: product.title,
    productCategory: product.productCategory,
    priceUpper,
    weight: draft.weights[index]!,
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
