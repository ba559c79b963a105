import { parseAction } from '../shop/parse-action.js';
import { html, type Html } from './html.js';

/** How a button looks and what state it tells. */
export interface ButtonLook {
  /** The one that the page is for, such as the search button. */
  readonly isMain?: boolean;
  /** Whether it is chosen; absent on buttons that are not chosen or unchosen. */
  readonly isChosen?: boolean;
  /** The id of what describes it. */
  readonly describedBy?: string;
}

/** How a page offers actions: a person presses them, a replay only shows them. */
export interface Controls {
  readonly button: (label: string, action: string, look?: ButtonLook) => Html;
  /** A field for the words of a search. */
  readonly search: (words: string) => Html;
}

/** The longest search that the pages take, in characters. */
export const LONGEST_SEARCH = 300;

/** The action that clicks on a text, or null where a bracket or line break in the text takes the action apart elsewhere. */
export function clickAction(text: string): string | null {
  const action = `click[${text.toLowerCase()}]`;
  return parseAction(action).argument === text.toLowerCase() ? action : null;
}

/** The action that searches for what a person typed: brackets, which actions cannot hold, count as spaces. Null for nothing. */
export function searchAction(typed: string): string | null {
  const words = typed
    .slice(0, LONGEST_SEARCH)
    .replace(/[[\]\s]+/gu, ' ')
    .trim();
  return words === '' ? null : `search[${words}]`;
}

const lookClass = ({ isMain, isChosen }: ButtonLook): string =>
  `button${isMain === true ? ' main' : ''}${isChosen === true ? ' on' : ''}`;

const describedBy = (id: string | undefined): Html | null =>
  id === undefined ? null : html` aria-describedby="${id}"`;

/**
 * Controls that send what a person does to an address, as forms that need no script.
 *
 * @param address - where the visit's actions go
 */
export function liveControls(address: string): Controls {
  return {
    button: (label, action, look = {}) => {
      const pressed =
        look.isChosen === undefined ? null : html` aria-pressed="${String(look.isChosen)}"`;
      return html`<form method="post" action="${address}">
        <button
          class="${lookClass(look)}"
          name="action"
          value="${action}"
          ${pressed}${describedBy(look.describedBy)}
        >
          ${label}
        </button>
      </form>`;
    },
    search: (words) =>
      html`<form class="search" method="post" action="${address}" role="search">
        <label for="words">What are you looking for?</label>
        <input
          class="field"
          id="words"
          name="search"
          type="search"
          value="${words}"
          maxlength="${LONGEST_SEARCH}"
          required
          autocomplete="off"
          spellcheck="false"
        />
        <button class="button main">Search</button>
      </form>`,
  };
}

/**
 * Controls that only show what could be done, and mark what the agent did.
 *
 * @param taken - the action that the agent took on this page; null where it took none
 */
export function stillControls(taken: string | null): Controls {
  const done = taken === null ? null : parseAction(taken);
  const isTaken = (action: string): boolean =>
    done?.name === 'click' && `click[${(done.argument ?? '').toLowerCase()}]` === action;
  const mark = (yes: boolean): string => (yes ? ' taken' : '');
  return {
    button: (label, action, look = {}) =>
      html`<span class="${lookClass(look)} still${mark(isTaken(action))}">${label}</span>`,
    search: (words) => {
      const typed = done?.name === 'search' ? (done.argument ?? '').toLowerCase() : words;
      return html`<p class="row">
        <span class="field still${mark(done?.name === 'search')}"
          >${typed === '' ? 'No search yet' : typed}</span
        >
        <span class="button still">Search</span>
      </p>`;
    },
  };
}
