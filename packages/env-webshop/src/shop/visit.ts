import { dictLiteral, jsonObject } from '../python/python-text.js';
import { reward, type RewardReport } from '../reward/reward.js';
import { pageOf, productOf, type Clickable, type PageOptions } from './page.js';
import { parseAction } from './parse-action.js';
import {
  freshSession,
  pageNamed,
  pageUrl,
  SUB_PAGES,
  type Session,
  type SubPage,
} from './session.js';
import type { Shop } from './shop.js';

const keywordText = (session: Session): string => (session.keywords ?? []).join('+');

/** The results for keywords. Looking at results forgets the product and its options. */
function showResults(session: Session, keywords: readonly string[], pageNumber: number): Session {
  const next: Session = {
    ...session,
    page: 'search_results',
    keywords,
    pageNumber,
    asin: null,
    options: [],
    subPage: null,
    reward: 0,
  };
  return {
    ...next,
    url: pageUrl('search_results', session.id, keywordText(next), pageNumber),
  };
}

function showItem(session: Session): Session {
  const { id, asin, pageNumber, options } = session;
  return {
    ...session,
    page: 'item_page',
    subPage: null,
    url: pageUrl(
      'item_page',
      id,
      asin ?? 'None',
      keywordText(session),
      pageNumber ?? 1,
      jsonObject(options),
    ),
  };
}

function showSubPage(session: Session, subPage: SubPage): Session {
  const { id, asin, pageNumber, options } = session;
  return {
    ...session,
    page: 'item_sub_page',
    subPage,
    url: pageUrl(
      'item_sub_page',
      id,
      asin ?? 'None',
      keywordText(session),
      pageNumber ?? 1,
      subPage,
      dictLiteral(options),
    ),
  };
}

/** Replaces the value of an option, or adds it last. */
function choose(session: Session, group: string, value: string): Session {
  const name = group.toLowerCase();
  const isNew = !session.options.some(([each]) => each === name);
  return {
    ...session,
    options: isNew
      ? [...session.options, [name, value]]
      : session.options.map((pair) => (pair[0] === name ? [name, value] : pair)),
  };
}

/** The reward of buying what a visit looks at, and its parts; null where it looks at nothing. */
export function purchaseReward(shop: Shop, session: Session): RewardReport | null {
  const product = productOf(shop, session);
  if (product === undefined || session.asin === null) return null;
  return reward(
    {
      product: { ...product, name: product.title },
      options: session.options.map(([, value]) => value),
      price: shop.prices[shop.catalogue.placeOf(session.asin)!]!,
    },
    session.goal,
    shop.nouns,
  );
}

function buy(shop: Shop, session: Session): Session {
  return {
    ...session,
    page: 'done',
    reward: purchaseReward(shop, session)?.total ?? 0,
    url: pageUrl('done', session.id, session.asin ?? 'None', dictLiteral(session.options)),
  };
}

function click(shop: Shop, session: Session, name: string, clickable: Clickable): Session {
  // The order of the tests is the original's; an option value may be called like a button.
  const page = pageNamed(session.url);
  const { keywords, pageNumber } = session;
  if (name === 'buy now') return buy(shop, session);
  if (name === 'back to search') return freshSession(session.id, session.goal);
  if (page === 'search_results' && keywords !== null && pageNumber !== null) {
    if (name === 'next >') return showResults(session, keywords, pageNumber + 1);
    if (name === '< prev') return showResults(session, keywords, pageNumber - 1);
  }
  if (name === '< prev' && page === 'item_sub_page') return showItem(session);
  if (name === '< prev' && page === 'item_page')
    return showResults(session, keywords ?? [], pageNumber ?? 1);
  const subPage = SUB_PAGES.find((each) => each.toLowerCase() === name);
  if (subPage !== undefined) return showSubPage(session, subPage);
  if (clickable.kind === 'product') {
    const asin = name.toUpperCase();
    if (shop.catalogue.placeOf(asin) === undefined) return session;
    const seen = session.seen.includes(asin) ? session.seen : [...session.seen, asin];
    return showItem({ ...session, asin, seen });
  }
  return showItem(clickable.kind === 'option' ? choose(session, clickable.group, name) : session);
}

/**
 * Where an action leads a visit. `search[...]` searches on any page; `click[...]` must name something on the page, in any
 * case. Everything else leaves the visit as it is, the same object.
 */
export function visit(shop: Shop, session: Session, action: string, options: PageOptions): Session {
  const { name, argument } = parseAction(action);
  if (argument === null) return session;
  const target = argument.toLowerCase();
  if (name === 'search') return showResults(session, target.split(' '), 1);
  if (name !== 'click' || target === 'search') return session;
  const clickable = pageOf(shop, session, options).clickables.get(target);
  return clickable === undefined ? session : click(shop, session, target, clickable);
}
