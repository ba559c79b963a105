import type { Product } from '../catalogue/product.js';
import { pageOf, productOf, productsOfPage, type PageOptions } from '../shop/page.js';
import type { Session, SubPage } from '../shop/session.js';
import { SUB_PAGES } from '../shop/session.js';
import type { Shop } from '../shop/shop.js';
import { clickAction, type Controls } from './controls.js';
import { html, type Html } from './html.js';
import { TILE } from './layout.js';
import { rewardPage } from './reward-page.js';

/** What a page is drawn from. */
export interface ShopView {
  readonly shop: Shop;
  readonly session: Session;
  readonly options: PageOptions;
  readonly controls: Controls;
}

/** A page of the shop: its title and its content, beginning with a heading of the first level. */
export interface ShopPage {
  readonly title: string;
  readonly main: Html;
}

/** The goal, as every page repeats it. */
export const goalBox = ({ goal }: Session): Html =>
  html`<section class="goal" aria-label="Goal">
    <p class="label">Instruction</p>
    <p id="instruction">${goal.instruction}</p>
  </section>`;

const back = ({ controls }: ShopView): Html =>
  controls.button('Back to Search', 'click[back to search]');

const previous = ({ controls }: ShopView): Html => controls.button('< Prev', 'click[< prev]');

const page = (view: ShopView, title: string, main: Html): ShopPage => ({
  title,
  main: html`${goalBox(view.session)} ${main}`,
});

/** Where a visit starts: the goal, and a field to search. */
function searchPage(view: ShopView): ShopPage {
  return page(
    view,
    'Search',
    html`<h1>Search the shop</h1>
      <div class="card">${view.controls.search('')}</div>`,
  );
}

const result = (view: ShopView, product: Product, place: number): Html =>
  html`<li class="card result">
    <div>${TILE}</div>
    <div class="words">
      <h2 id="title-${place}">${product.title}</h2>
      <p class="price">${product.priceText}</p>
      ${view.controls.button(`View ${product.asin}`, `click[${product.asin.toLowerCase()}]`, {
        describedBy: `title-${place}`,
      })}
    </div>
  </li>`;

/** Up to ten of the products that were found. */
function resultsPage(view: ShopView): ShopPage {
  const { shop, session, controls, options } = view;
  const number = session.pageNumber ?? 1;
  const keywords = session.keywords ?? [];
  const total = shop.find(keywords).length;
  const products = productsOfPage(shop, session);
  const has = (name: string): boolean => pageOf(shop, session, options).clickables.has(name);
  return page(
    view,
    `Results, page ${number}`,
    html`<h1>Results</h1>
      <div class="card">${controls.search(keywords.join(' '))}</div>
      <p>Page ${number} (total results: ${total})</p>
      <div class="row">
        ${back(view)}${has('< prev') && previous(view)}${controls.button('Next >', 'click[next >]')}
      </div>
      ${
        products.length === 0
          ? html`<p>No products on this page.</p>`
          : html`<ol class="results">
              ${products.map((product, place) => result(view, product, place))}
            </ol>`
      }`,
  );
}

function optionGroup(view: ShopView, group: Product['options'][number], place: number): Html {
  const chosen = view.session.options.find(([name]) => name === group.name)?.[1];
  const label = `options-${place}`;
  return html`<div class="options" role="group" aria-labelledby="${label}">
    <h2 id="${label}">${group.name}</h2>
    <div class="row">
      ${group.values.map((value) => {
        const action = clickAction(value);
        return action === null
          ? html`<span class="button still">${value} (cannot be named in an action)</span>`
          : view.controls.button(value, action, { isChosen: value === chosen });
      })}
    </div>
  </div>`;
}

function itemPage(view: ShopView, product: Product): ShopPage {
  const { controls, options } = view;
  const subPages = SUB_PAGES.filter((name) => options.showAttributes || name !== 'Attributes');
  return page(
    view,
    product.title,
    html`<div class="row">${back(view)}${previous(view)}</div>
      <div class="item">
        <div>${TILE}</div>
        <div>
          <h1>${product.title}</h1>
          <p class="price">Price: ${product.priceText}</p>
          <p class="soft">Rating: N.A. · ${product.asin}</p>
          ${product.options.map((group, place) => optionGroup(view, group, place))}
          <div class="row">
            ${subPages.map((name) => controls.button(name, `click[${name.toLowerCase()}]`))}
          </div>
          <div class="row">${controls.button('Buy Now', 'click[buy now]', { isMain: true })}</div>
        </div>
      </div>`,
  );
}

const list = (items: readonly string[], nothing: string): Html =>
  items.length === 0
    ? html`<p>${nothing}</p>`
    : html`<ul>
        ${items.map((item) => html`<li>${item}</li>`)}
      </ul>`;

const SUB_PAGE_CONTENT: Readonly<Record<SubPage, (product: Product) => Html>> = {
  Description: ({ description }) =>
    html`<p>${description.trim() === '' ? 'This product has no description.' : description}</p>`,
  Features: ({ bulletPoints }) =>
    list(
      bulletPoints.filter((point) => point.trim() !== ''),
      'This product lists no features.',
    ),
  Reviews: () => html`<p>There are no reviews.</p>`,
  Attributes: (product) =>
    html`${list(product.attributes, 'This product has no attributes.')}
      <dl>
        <dt>Category</dt>
        <dd>${product.category}</dd>
        <dt>Search</dt>
        <dd>${product.query}</dd>
        <dt>Place in the shop</dt>
        <dd>${product.productCategory}</dd>
      </dl>`,
};

function subPage(view: ShopView, product: Product, name: SubPage): ShopPage {
  return page(
    view,
    `${name}: ${product.title}`,
    html`<div class="row">${back(view)}${previous(view)}</div>
      <h1>${name}</h1>
      <p class="soft">${product.title}</p>
      <div class="card">${SUB_PAGE_CONTENT[name](product)}</div>`,
  );
}

/** The page that a visit shows, for a browser. It offers the actions that an agent has there. */
export function shopPage(view: ShopView): ShopPage {
  const { shop, session } = view;
  switch (session.page) {
    case 'index':
      return searchPage(view);
    case 'search_results':
      return resultsPage(view);
    case 'done':
      return page(view, 'Bought', rewardPage(shop, session));
    case 'item_page':
    case 'item_sub_page': {
      const product = productOf(shop, session);
      if (product === undefined)
        return page(
          view,
          'No product',
          html`<h1>No product</h1>
            <div class="row">${back(view)}</div>`,
        );
      return session.page === 'item_sub_page' && session.subPage !== null
        ? subPage(view, product, session.subPage)
        : itemPage(view, product);
    }
  }
}
