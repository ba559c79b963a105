import type { Catalogue } from './catalogue.js';
import type { Product } from './product.js';

/** What goals are made of, as far as their number, prices and weights go: small enough to keep for every product. */
export interface ProductFacts {
  readonly prices: Product['prices'];
  /** How many combinations of options there are; 0 where the product has no synthetic instruction. */
  readonly combinations: number;
  /** The attributes that the synthetic instruction asks for. */
  readonly asked: readonly string[];
  /** Of each human instruction, whether it asks for an attribute. */
  readonly human: readonly boolean[];
}

/** The facts of a product. */
export const factsOfProduct = (product: Product): ProductFacts => ({
  prices: product.prices,
  combinations:
    product.instruction === null
      ? 0
      : product.options.reduce((count, { values }) => count * values.length, 1),
  asked: product.instruction === null ? [] : product.instructionAttributes,
  human: product.humanInstructions.map(({ attributes }) => attributes.length > 0),
});

/** The facts at a place, without the product where the catalogue keeps them. */
export const factsAt = (catalogue: Catalogue, place: number): ProductFacts =>
  catalogue.facts?.(place) ?? factsOfProduct(catalogue.product(place));
