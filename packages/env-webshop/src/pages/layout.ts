import { html, type Html, type HtmlValue } from './html.js';

/** What stands on a page. */
export interface PageContent {
  readonly title: string;
  readonly main: HtmlValue;
  /** What the bar at the top says beside the shop's name. */
  readonly bar?: HtmlValue;
  /** Whether the page has two columns. */
  readonly isWide?: boolean;
}

/** The picture that stands for a product's: pictures of the real data lie elsewhere, and are not loaded. */
export const TILE: Html = html`<svg
  class="tile"
  viewBox="0 0 96 96"
  aria-hidden="true"
  focusable="false"
>
  <rect width="96" height="96" />
  <path d="M26 40h44l-4 34H30zM36 40v-6a12 12 0 0 1 24 0v6" />
</svg>`;

/** The picture of the browser's tab. */
export const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96"><rect width="96" height="96" rx="20" fill="#175e54"/><path d="M22 38h52l-5 40H27zM34 38v-6a14 14 0 0 1 28 0v6" fill="none" stroke="#fff" stroke-width="6" stroke-linecap="round" stroke-linejoin="round"/></svg>\n`;

/** A whole page, with what all pages share. */
export const layout = ({ title, main, bar = null, isWide = false }: PageContent): string =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} – WebShop</title>
        <link rel="stylesheet" href="/style.css" />
        <link rel="icon" href="/icon.svg" type="image/svg+xml" />
      </head>
      <body class="${isWide ? 'wide' : 'plain'}">
        <a class="skip" href="#main">Skip to the content</a>
        <header class="top">
          <div class="bar"><a class="brand" href="/">WebShop</a>${bar}</div>
        </header>
        <main id="main" tabindex="-1">${main}</main>
        <footer class="foot">A shop for agents: nothing here can really be bought.</footer>
      </body>
    </html> `.markup;

/** Something that went wrong, said at the top of a page. */
export const notice = (text: HtmlValue): Html => html`<div class="note" role="alert">${text}</div>`;
