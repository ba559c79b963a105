import { strip } from '../python/python-text.js';
import type { NounExtractor } from './nouns.js';

/** What tells the type of a product. */
export interface TypedProduct {
  readonly query: string;
  /** From general to special, separated by `›`. */
  readonly productCategory: string;
  readonly name: string;
}

/** How well the type of the purchase meets that of the goal. */
export interface TypeReward {
  /** r_type: 1, 0.5, 0.1 or 0; the whole reward is multiplied by it. */
  readonly reward: number;
  readonly queryMatch: boolean;
  readonly categoryMatch: boolean;
  /** The different nouns that both names have over all nouns of the goal's, repeats counted; 0.2 where it has none. */
  readonly titleScore: number;
}

const levels = (category: string): Set<string> => new Set(category.split('›').map(strip));

const shared = (a: ReadonlySet<string>, b: ReadonlySet<string>): number =>
  [...a].filter((item) => b.has(item)).length;

/**
 * r_type of WebShop: 1 when the queries are equal, two levels of the categories agree or more than 0.2 of the goal's nouns
 * occur in the purchase's name; 0.5 otherwise. Whatever else agrees, a title score below 0.1 makes it 0.1, and one of 0
 * makes it 0. As repeats count in the denominator only, even the goal's own product can have a title score below 1.
 * (get_type_reward)
 */
export function typeReward(
  purchased: TypedProduct,
  goal: TypedProduct,
  nouns: NounExtractor,
): TypeReward {
  const queryMatch = purchased.query === goal.query;
  const categoryMatch =
    shared(levels(purchased.productCategory), levels(goal.productCategory)) >= 2;
  const wanted = nouns(goal.name);
  const titleScore =
    wanted.length === 0
      ? 0.2
      : shared(new Set(nouns(purchased.name)), new Set(wanted)) / wanted.length;
  let reward = queryMatch || categoryMatch || titleScore > 0.2 ? 1 : 0.5;
  if (titleScore < 0.1) reward = 0.1;
  if (titleScore === 0) reward = 0;
  return { reward, queryMatch, categoryMatch, titleScore };
}
