import type { Goal } from '../goals/goal.js';

/** The pages by the names that their addresses have. */
export type PageName = 'index' | 'search_results' | 'item_page' | 'item_sub_page' | 'done';

/** What the original calls the pages below that of a product. */
export type SubPage = 'Description' | 'Features' | 'Reviews' | 'Attributes';

export const SUB_PAGES: readonly SubPage[] = ['Description', 'Features', 'Reviews', 'Attributes'];

/** One shopper's visit, as a value. */
export interface Session {
  /** Its name in addresses. */
  readonly id: string;
  readonly goal: Goal;
  /** The page that is shown, and its address. */
  readonly page: PageName;
  readonly url: string;
  /** What was searched for, split at single spaces; null before the first search. */
  readonly keywords: readonly string[] | null;
  /** The number of the results page, from 1; null before the first search. */
  readonly pageNumber: number | null;
  /** The product that is looked at. */
  readonly asin: string | null;
  /** The products that were looked at since the last return to the search page, in order. */
  readonly seen: readonly string[];
  /** The options chosen, by name, in the order in which the names were first chosen. */
  readonly options: readonly (readonly [name: string, value: string])[];
  readonly subPage: SubPage | null;
  /** 0 until something is bought. */
  readonly reward: number;
}

/** The address that the original's pages have; nothing listens there. */
const BASE = 'http://127.0.0.1:3000';

export const indexUrl = (id: string): string => `${BASE}/${id}`;

/** The address of a page below the search page: its name, the visit, and what else tells it apart. */
export const pageUrl = (
  page: Exclude<PageName, 'index'>,
  id: string,
  ...parts: readonly (string | number)[]
): string => [BASE, page, id, ...parts].join('/');

const PAGE_NAMES = ['search_results', 'item_page', 'item_sub_page', 'done'] as const;

/**
 * On which page the original believes a visit to be: the first name that occurs anywhere in its address, keywords and options
 * included.
 */
export const pageNamed = (url: string): PageName =>
  PAGE_NAMES.find((name) => url.includes(name)) ?? 'index';

/** The start of a visit, or a return to it: same goal, all else forgotten. */
export const freshSession = (id: string, goal: Goal): Session => ({
  id,
  goal,
  page: 'index',
  url: indexUrl(id),
  keywords: null,
  pageNumber: null,
  asin: null,
  seen: [],
  options: [],
  subPage: null,
  reward: 0,
});
