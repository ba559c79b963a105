import type { Product } from '../catalogue/product.js';
import { compareCodePoints, floatText, jsonObject } from '../python/python-text.js';
import type { Session } from './session.js';
import type { Shop } from './shop.js';

/** One piece of text of a page. */
export interface PageNode {
  readonly kind: 'text' | 'button' | 'option' | 'product';
  readonly text: string;
}

/** What a click on a text does. */
export type Clickable =
  { readonly kind: 'button' | 'product' } | { readonly kind: 'option'; readonly group: string };

/** A page as an agent has it: its texts in order, and what can be clicked. */
export interface Page {
  readonly nodes: readonly PageNode[];
  /** By lower-cased text; options by their value. The order is the one in which the original lists them. */
  readonly clickables: ReadonlyMap<string, Clickable>;
  readonly hasSearchBar: boolean;
}

/** What may be shown beside what the original shows by default. */
export interface PageOptions {
  /** Whether products have a page with their attributes. */
  readonly showAttributes: boolean;
}

/** Products on a results page. */
const PER_PAGE = 10;

const text = (value: string): PageNode => ({ kind: 'text', text: value });
const button = (value: string): PageNode => ({ kind: 'button', text: value });

/** The products of one results page; Python's slice, so that page 0 is empty. */
export function productsOfPage(shop: Shop, session: Session): readonly Product[] {
  const page = session.pageNumber ?? 1;
  if (page < 1) return [];
  return shop
    .find(session.keywords ?? [])
    .slice((page - 1) * PER_PAGE, page * PER_PAGE)
    .map((place) => shop.catalogue.product(place));
}

/** The product that a visit looks at. */
export function productOf(shop: Shop, session: Session): Product | undefined {
  const place = session.asin === null ? undefined : shop.catalogue.placeOf(session.asin);
  return place === undefined ? undefined : shop.catalogue.product(place);
}

const head = (session: Session): PageNode[] => [
  text('Instruction:'),
  text(session.goal.instruction),
  button('Back to Search'),
];

function resultNodes(shop: Shop, session: Session): PageNode[] {
  const page = session.pageNumber ?? 1;
  const total = shop.find(session.keywords ?? []).length;
  return [
    ...head(session),
    text(`Page ${page} (Total results: ${total})`),
    ...(page > 1 ? [button('< Prev')] : []),
    button('Next >'),
    ...productsOfPage(shop, session).flatMap((product): PageNode[] => [
      { kind: 'product', text: product.asin },
      text(product.title),
      text(product.priceText),
    ]),
  ];
}

function itemNodes(product: Product, session: Session, options: PageOptions): PageNode[] {
  return [
    ...head(session),
    button('< Prev'),
    ...product.options.flatMap(({ name, values }): PageNode[] => [
      text(name),
      ...values.map((value): PageNode => ({ kind: 'option', text: value })),
    ]),
    text(product.title),
    text(`Price: ${product.priceText}`),
    text('Rating: N.A.'),
    button('Description'),
    button('Features'),
    button('Reviews'),
    ...(options.showAttributes ? [button('Attributes')] : []),
    button('Buy Now'),
  ];
}

function subPageNodes(product: Product, session: Session): PageNode[] {
  const content: Record<NonNullable<Session['subPage']>, readonly string[]> = {
    Description: [product.description],
    Features: product.bulletPoints.map((point) => ` ${point}`),
    // The data have none.
    Reviews: [],
    Attributes: [
      ...product.attributes.map((attribute) => ` ${attribute}`),
      product.category,
      product.query,
      product.productCategory,
    ],
  };
  return [
    ...head(session),
    button('< Prev'),
    ...(session.subPage === null ? [] : content[session.subPage].map(text)),
  ];
}

/** JSON as the original's templates write it: what HTML takes for its own is escaped. */
const safeJson = (pairs: Session['options']): string =>
  jsonObject(pairs).replace(
    /[<>&']/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

function doneNodes(session: Session): PageNode[] {
  const options = [...session.options].sort(([a], [b]) => compareCodePoints(a, b));
  return [
    'Thank you for shopping with us!',
    'Your code: ',
    'None',
    ' (Paste it in your MTurk interface.)',
    'Purchased',
    'asin',
    session.asin ?? 'None',
    'options',
    safeJson(options),
    ...['attrs', 'None', 'category', 'None', 'query', 'None', 'product category', 'None'],
    ...['Target', 'asin', 'options', 'attrs', 'price upper', 'instuction text', 'category'],
    ...['product category', 'query', 'Goal ', 'None', 'Reward'],
    'Your score (min 0.0, max 1.0)',
    floatText(session.reward),
    'Reward Details ',
    'None',
  ].map(text);
}

/** White space alone counts as one line break, where it has any, or as one space. */
function collapse(node: PageNode): PageNode {
  return /^[ \n\t\f\r]+$/.test(node.text)
    ? { ...node, text: node.text.includes('\n') ? '\n' : ' ' }
    : node;
}

function nodesOf(shop: Shop, session: Session, options: PageOptions): PageNode[] {
  switch (session.page) {
    case 'index':
      return [
        text('WebShop'),
        text('Instruction: '),
        text(session.goal.instruction),
        button('Search'),
      ];
    case 'search_results':
      return resultNodes(shop, session);
    case 'done':
      return doneNodes(session);
    case 'item_page':
    case 'item_sub_page': {
      const product = productOf(shop, session);
      if (product === undefined) return head(session);
      return session.page === 'item_page'
        ? itemNodes(product, session, options)
        : subPageNodes(product, session);
    }
  }
}

function clickablesOf(
  shop: Shop,
  session: Session,
  nodes: readonly PageNode[],
): Map<string, Clickable> {
  const clickables = new Map<string, Clickable>();
  for (const kind of ['button', 'product'] as const) {
    for (const node of nodes)
      if (node.kind === kind) clickables.set(node.text.toLowerCase(), { kind });
  }
  if (session.page === 'item_page') {
    // A value in two groups belongs to the last of them.
    for (const { name, values } of productOf(shop, session)?.options ?? [])
      for (const value of values) clickables.set(value, { kind: 'option', group: name });
  }
  return clickables;
}

/** The page that a visit shows. */
export function pageOf(shop: Shop, session: Session, options: PageOptions): Page {
  const nodes = nodesOf(shop, session, options)
    .map(collapse)
    .filter((node) => node.text !== '' && node.text !== '\n');
  return {
    nodes,
    clickables: clickablesOf(shop, session, nodes),
    hasSearchBar: session.page === 'index',
  };
}
