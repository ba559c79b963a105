import { randomSource, type RandomKey } from '@spark-rl/core';

import type { Catalogue } from '../catalogue/catalogue.js';
import type { GoalList } from '../goals/goal.js';
import { makeGoals, type GoalOptions } from '../goals/make-goals.js';
import { memoize } from '../memoize.js';
import { strip } from '../python/python-text.js';
import type { NounExtractor } from '../reward/nouns.js';
import { buildSearchIndex, type SearchIndex } from '../search/search-index.js';
import { searchEngine, type SearchEngine } from '../search/search.js';

/** All that episodes share: products, their prices, goals, search, nouns. Read-only. */
export interface Shop {
  readonly catalogue: Catalogue;
  readonly goals: GoalList;
  /** In dollars, by place. */
  readonly prices: Float64Array;
  readonly nouns: NounExtractor;
  /** The places of the products that keywords find, the best first. */
  readonly find: (keywords: readonly string[]) => readonly number[];
}

/** What a shop is made of. */
export interface ShopParts {
  readonly catalogue: Catalogue;
  /** How the type of a purchase is judged. */
  readonly nouns: NounExtractor;
  /** Which goals there are; see {@link makeGoals}. */
  readonly goals?: GoalOptions;
  /** A saved index of the catalogue; it is built when there is none. */
  readonly index?: SearchIndex;
  /** Another search engine, such as one that plays recorded results back. */
  readonly engine?: SearchEngine;
}

/** How many products a search returns at most. */
const RETURNED = 50;

/** How many searches are remembered: those of a training step's trees, whose siblings repeat each other. */
const KEPT_SEARCHES = 4096;
/** Of searches longer than this only a few are remembered: 4,096 of a megabyte would fill the memory. */
const LONG_SEARCH = 2000;
const KEPT_LONG_SEARCHES = 4;

/** Between keywords, for a key of them: no keyword contains a space. */
const SEPARATOR = ' ';

/** The places of the products for which something holds, in the catalogue's order. */
function where(catalogue: Catalogue, holds: (place: number) => boolean): number[] {
  const places: number[] = [];
  for (let place = 0; place < catalogue.size; place++) if (holds(place)) places.push(place);
  return places;
}

function randomPlaces(catalogue: Catalogue, key: RandomKey): number[] {
  const random = randomSource(key);
  const places = new Set<number>();
  while (places.size < Math.min(RETURNED, catalogue.size))
    places.add(random.integer(catalogue.size));
  return [...places];
}

function finder(catalogue: Catalogue, engine: SearchEngine): Shop['find'] {
  const find = (text: string): readonly number[] => {
    const [first, ...rest] = text.split(SEPARATOR);
    const words = strip(rest.join(' '));
    switch (first) {
      case '<r>':
        return randomPlaces(catalogue, ['webshop', '<r>', text]);
      case '<a>':
        return where(catalogue, (place) => catalogue.product(place).attributes.includes(words));
      case '<c>':
        return where(
          catalogue,
          (place) => catalogue.product(place).category === strip(rest[0] ?? ''),
        );
      case '<q>':
        return where(catalogue, (place) => catalogue.product(place).query === words);
      default:
        return engine.search(text, RETURNED).map(({ place }) => place);
    }
  };
  const remembered = memoize(find, KEPT_SEARCHES);
  const rememberedLong = memoize(find, KEPT_LONG_SEARCHES);
  return (keywords) => {
    const text = keywords.join(SEPARATOR);
    return (text.length > LONG_SEARCH ? rememberedLong : remembered)(text);
  };
}

/**
 * Opens a shop over a catalogue.
 *
 * The special keywords of the original work: `<r>` (50 products at random, here the same ones for the same keywords), `<a>
 * attribute`, `<c> category`, `<q> query`.
 *
 * @throws InvalidInputError when an option of the goals is wrong or the index belongs to another catalogue
 */
export function openShop({ catalogue, nouns, goals, index, engine }: ShopParts): Shop {
  const search = engine ?? searchEngine(catalogue, index ?? buildSearchIndex(catalogue));
  return { catalogue, ...makeGoals(catalogue, goals), nouns, find: finder(catalogue, search) };
}
