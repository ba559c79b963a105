import type { Shop } from '../shop/shop.js';
import { html, type Html, type HtmlValue } from './html.js';

const PER_PAGE = 10;

/** The first page: goals to choose from, and the way to recorded episodes. */
export function homePage(view: {
  readonly shop: Shop;
  /** The first goal that is listed. */
  readonly from: number;
  /** The goal that the field proposes. */
  readonly goal: number;
  /** How many episodes can be replayed. */
  readonly episodes: number;
  readonly problem: HtmlValue;
}): Html {
  const { goals, catalogue } = view.shop;
  const from = Math.min(view.from, goals.length - 1);
  const listed = Array.from(
    { length: Math.min(PER_PAGE, goals.length - from) },
    (_, i) => from + i,
  );
  const earlier = Math.max(0, from - PER_PAGE);
  return html`<h1>Shop for a goal</h1>
    ${view.problem}
    <p>
      You are told what to buy. Search, open products, choose options and buy: the reward says how
      much of what was asked for you got. Agents play the same goals in the same shop of
      ${catalogue.size} products.
    </p>
    ${
      view.episodes > 0 &&
      html`<p>
        <a class="button" href="/replay"
          >Replay
          ${view.episodes === 1 ? 'the recorded episode' : `${view.episodes} recorded episodes`}</a
        >
      </p>`
    }
    <div class="card">
      <form class="search" method="post" action="/start">
        <label for="goal">Number of a goal, from 0 to ${goals.length - 1}</label>
        <input
          class="field short"
          id="goal"
          name="goal"
          type="text"
          inputmode="numeric"
          pattern="[0-9]{1,9}"
          maxlength="9"
          required
          value="${view.goal}"
        />
        <button class="button main">Play</button>
      </form>
    </div>
    <section class="card" aria-labelledby="list">
      <h2 id="list">Goals ${from} to ${from + listed.length - 1}</h2>
      <ul class="list">
        ${listed.map(
          (place) =>
            html`<li>
              <p id="goal-${place}">${goals.at(place).instruction}</p>
              <form method="post" action="/start">
                <button
                  class="button"
                  name="goal"
                  value="${place}"
                  aria-describedby="goal-${place}"
                >
                  Play goal ${place}
                </button>
              </form>
            </li>`,
        )}
      </ul>
    </section>
    <nav class="row" aria-label="More goals">
      ${from > 0 && html`<a class="button" href="/?from=${earlier}">Earlier goals</a>`}${
        from + PER_PAGE < goals.length &&
        html`<a class="button" href="/?from=${from + PER_PAGE}">Later goals</a>`
      }
    </nav>`;
}
