import type { Shop } from '../shop/shop.js';
import { stillControls } from './controls.js';
import type { Episode } from './episode.js';
import { html, type Html } from './html.js';
import { notice, type PageContent } from './layout.js';
import type { Replay, ReplayMoment } from './replay.js';
import { shopPage } from './shop-pages.js';

/** All episodes that can be replayed. */
export const episodeList = (episodes: readonly Episode[]): PageContent => ({
  title: 'Recorded episodes',
  main: html`<h1>Recorded episodes</h1>
    ${
      episodes.length === 0
        ? html`<p>
            None were given. Start the server with <code>--replay</code> and a run folder or a file
            of episodes.
          </p>`
        : html`<ol class="list">
            ${episodes.map(
              ({ title, instruction, goal, turns }, place) =>
                html`<li>
                  <p>
                    <strong>${title}</strong><br />${instruction ?? `Goal ${goal}`} (${turns.length}
                    ${turns.length === 1 ? 'turn' : 'turns'})
                  </p>
                  <a class="button" href="/replay/${place}/0">Replay episode ${place + 1}</a>
                </li>`,
            )}
          </ol>`
    }`,
});

function agentPart({ turn, session }: ReplayMoment, step: number, turns: number): Html {
  if (turn === null) {
    return html`<h2>The end, after ${turns} ${turns === 1 ? 'turn' : 'turns'}</h2>
      <p>
        ${
          session.page === 'done'
            ? 'The agent bought this.'
            : 'The episode ended before the agent bought anything: its reward is 0.'
        }
      </p>`;
  }
  return html`<h2>Turn ${step + 1} of ${turns}</h2>
    ${turn.mode !== null && html`<p><span class="mode">${turn.mode}</span></p>`}
    <h3>Reasoning</h3>
    ${turn.reasoning === '' ? html`<p class="soft">None.</p>` : html`<p>${turn.reasoning}</p>`}
    <h3>Action</h3>
    ${
      turn.problem !== null
        ? html`<p class="note">
            The response was invalid (${turn.problem}): the shop received no action.
          </p>`
        : html`<p class="action"><code>${turn.action}</code></p>`
    }
    ${
      turn.response !== null &&
      html`<details>
        <summary>The whole response</summary>
        <pre>${turn.response}</pre>
      </details>`
    }`;
}

/** Says whether the shop shows what was recorded. */
function agreement({ agrees, recorded, shown }: ReplayMoment): Html {
  if (agrees === null)
    return html`<p class="soft">What the agent was shown here was not recorded.</p>`;
  if (agrees) return html`<p class="soft">The shop shows what was recorded.</p>`;
  return html`<div class="note">
    <p>What was recorded here differs from what this shop shows.</p>
    <details>
      <summary>Compare</summary>
      <h3>Recorded</h3>
      <pre>${recorded}</pre>
      <h3>Shown now</h3>
      <pre>${shown}</pre>
    </details>
  </div>`;
}

/** One page of a replay: the shop on one side, the agent on the other. */
export function replayPage(view: {
  readonly shop: Shop;
  readonly replay: Replay;
  /** The number of the episode. */
  readonly place: number;
  readonly step: number;
}): PageContent {
  const { shop, replay, place, step } = view;
  const { episode, moments, options, differences } = replay;
  const moment = moments[step]!;
  const next = moments[step + 1];
  const { title, main } = shopPage({
    shop,
    session: moment.session,
    options,
    controls: stillControls(moment.turn?.action ?? null),
  });
  const hadNoEffect = next !== undefined && moment.turn !== null && next.session === moment.session;
  const link = (to: number, text: string): Html =>
    to < 0 || to >= moments.length
      ? html`<span class="button still">${text}</span>`
      : html`<a class="button" href="/replay/${place}/${to}">${text}</a>`;
  return {
    title: `Replay, page ${step + 1}: ${title}`,
    isWide: true,
    main: html`<h1>Replay: ${episode.title}</h1>
      ${
        differences.length > 0 &&
        step === 0 &&
        notice(
          html`<p>This replay is not faithful.</p>
            <ul>
              ${differences.map((each) => html`<li>${each}</li>`)}
            </ul>`,
        )
      }
      <nav aria-label="Turns">
        <div class="row">
          ${link(step - 1, 'Previous page')}${link(step + 1, 'Next page')}<a href="/replay"
            >All episodes</a
          >
        </div>
        <ol class="turns">
          ${moments.map(({ turn }, to) => {
            const name = turn === null ? 'End' : String(to + 1);
            const label = turn === null ? 'End' : `Turn ${to + 1}`;
            return to === step
              ? html`<li>
                  <a href="/replay/${place}/${to}" aria-current="step" aria-label="${label}"
                    >${name}</a
                  >
                </li>`
              : html`<li><a href="/replay/${place}/${to}" aria-label="${label}">${name}</a></li>`;
          })}
        </ol>
      </nav>
      <div class="replay">
        <section class="agent card" aria-label="The agent">
          ${agentPart(moment, step, episode.turns.length)}
          ${hadNoEffect && html`<p class="note">This action did nothing here.</p>`}
          ${agreement(moment)}
        </section>
        <section class="shopview" aria-label="What the shop shows">${main}</section>
      </div>`,
  };
}
