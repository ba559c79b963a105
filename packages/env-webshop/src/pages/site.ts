import { InvalidInputError, parseInput } from '@spark-rl/core';
import { z } from 'zod';

import { pageOf } from '../shop/page.js';
import { pageText } from '../shop/page-text.js';
import { freshSession } from '../shop/session.js';
import type { Shop } from '../shop/shop.js';
import { visit as act } from '../shop/visit.js';
import { liveControls, searchAction } from './controls.js';
import type { Episode } from './episode.js';
import { answer, seeOther, type SiteRequest, type SiteResponse } from './exchange.js';
import { homePage } from './home-page.js';
import { html, type HtmlValue } from './html.js';
import { ICON, layout, notice } from './layout.js';
import { replayEpisode, type Replay } from './replay.js';
import { episodeList, replayPage } from './replay-page.js';
import { shopPage } from './shop-pages.js';
import { STYLE } from './style.js';
import { actionsTo, visitMemory, type Visit } from './visits.js';

/** What a site shows. */
export interface ShopSiteOptions {
  readonly shop: Shop;
  /** Names a new visit; every call another name, of letters, digits and hyphens, that cannot be guessed. */
  readonly newId: () => string;
  /** Whether products have a page with their attributes; default false. */
  readonly showAttributes?: boolean;
  /** The goal that the first page proposes; default 0. */
  readonly goal?: number;
  /** Episodes that can be replayed. */
  readonly episodes?: readonly Episode[];
  /** How many visits are kept; default 1000. */
  readonly maxVisits?: number;
  /** How many pages of a visit are kept; default 200. */
  readonly maxPages?: number;
}

const schema = z.object({
  showAttributes: z.boolean().default(false),
  goal: z.int().min(0).default(0),
  maxVisits: z.int().min(1).default(1000),
  maxPages: z.int().min(2).default(200),
});

/** The shop as a web site: a function from requests to answers. */
export interface ShopSite {
  readonly handle: (request: SiteRequest) => SiteResponse;
}

/** The longest address and form that are read, in characters. */
const LONGEST_URL = 2048;
export const LONGEST_FORM = 8192;

/** How many replays are kept worked out. */
const KEPT_REPLAYS = 16;

const errorPage = (status: number, title: string, text: HtmlValue, more = {}): SiteResponse =>
  answer(
    status,
    layout({
      title,
      main: html`<h1>${title}</h1>
        <p>${text}</p>
        <p><a href="/">Go to the first page</a></p>`,
    }),
    undefined,
    more,
  );

const notFound = (text: string): SiteResponse => errorPage(404, 'Not found', text);

/** A whole number from 0 that is written plainly; null for anything else. */
const numberIn = (text: string | null): number | null =>
  text !== null && /^(0|[1-9]\d{0,8})$/.test(text.trim()) ? Number(text.trim()) : null;

/**
 * Makes the site on which a person visits the shop, and on which episodes are replayed. Every action goes through the same
 * {@link visit} as an agent's. Pages need no script; memory is bounded; nothing is loaded from elsewhere.
 *
 * @throws InvalidInputError when an option is wrong or the shop has no goal to play
 */
export function shopSite(options: ShopSiteOptions): ShopSite {
  const { shop, newId, episodes = [] } = options;
  const settings = parseInput(schema, options, 'options of shopSite');
  const pageOptions = { showAttributes: settings.showAttributes };
  if (settings.goal >= shop.goals.length) {
    throw new InvalidInputError(`the shop has no goal ${settings.goal}`, {
      field: 'goal',
      value: settings.goal,
      remedy:
        shop.goals.length === 0
          ? 'Give data files with instructions.'
          : `Give a number from 0 to ${shop.goals.length - 1}.`,
    });
  }
  const visits = visitMemory({ visits: settings.maxVisits, moments: settings.maxPages });
  const replays = new Map<number, Replay>();

  const home = (status: number, from: number, problem: HtmlValue): SiteResponse =>
    answer(
      status,
      layout({
        title: 'Goals',
        main: homePage({ shop, from, goal: settings.goal, episodes: episodes.length, problem }),
      }),
    );

  const start = (fields: URLSearchParams): SiteResponse => {
    const goal = numberIn(fields.get('goal'));
    if (goal === null || goal >= shop.goals.length) {
      return home(
        400,
        settings.goal,
        notice(`There is no such goal. Give a number from 0 to ${shop.goals.length - 1}.`),
      );
    }
    const id = newId();
    visits.open(id, goal, freshSession(String(goal), shop.goals.at(goal)));
    return seeOther(`/visit/${id}/0`);
  };

  const show = (
    visit: Visit,
    number: number,
    status = 200,
    problem: HtmlValue = null,
  ): SiteResponse => {
    const { session } = visit.moments[number]!;
    const controls = liveControls(`/visit/${visit.id}/${number}`);
    const { title, main } = shopPage({ shop, session, options: pageOptions, controls });
    const actions = actionsTo(visit, number);
    const seen = pageText(pageOf(shop, session, pageOptions), session, 'text');
    return answer(
      status,
      layout({
        title,
        bar: html`<span class="soft"
          >Goal ${visit.goal} · ${actions.length}
          ${actions.length === 1 ? 'action' : 'actions'}</span
        >`,
        main: html`${problem}${main}
          <details>
            <summary>What an agent is shown here</summary>
            <pre>${seen}</pre>
            ${
              actions.length > 0 &&
              html`<p>Actions so far</p>
                <ol>
                  ${actions.map((each) => html`<li><code>${each}</code></li>`)}
                </ol>`
            }
          </details>`,
      }),
    );
  };

  const go = (visit: Visit, number: number, fields: URLSearchParams): SiteResponse => {
    const { session } = visit.moments[number]!;
    if (session.page === 'done')
      return show(
        visit,
        number,
        409,
        notice('This visit has ended: something was bought. Choose a goal to begin another.'),
      );
    const typed = fields.get('search');
    const action = typed === null ? fields.get('action') : searchAction(typed);
    if (action === null || action === '')
      return show(visit, number, 400, notice('Say what to search for.'));
    const next = act(shop, session, action, pageOptions);
    if (next === session)
      return show(
        visit,
        number,
        400,
        notice(html`Nothing on this page is called <code>${action.slice(0, 100)}</code>.`),
      );
    const added = visits.add(visit, { session: next, parent: number, action });
    return added === null
      ? show(
          visit,
          number,
          409,
          notice('This visit has become too long. Choose a goal to begin another.'),
        )
      : seeOther(`/visit/${visit.id}/${added}`);
  };

  const replayOf = (place: number): Replay => {
    const known = replays.get(place) ?? replayEpisode(shop, episodes[place]!);
    if (!replays.has(place) && replays.size >= KEPT_REPLAYS)
      replays.delete(replays.keys().next().value!);
    replays.set(place, known);
    return known;
  };

  const replay = (place: number | null, step: number | null): SiteResponse => {
    if (place === null || place >= episodes.length) return notFound('There is no such episode.');
    const worked = replayOf(place);
    if (step === null || step >= worked.moments.length)
      return notFound(`Episode ${place} has no such turn.`);
    return answer(200, layout(replayPage({ shop, replay: worked, place, step })));
  };

  const onVisit = (parts: readonly string[], post: URLSearchParams | null): SiteResponse => {
    const [id = '', moment = ''] = parts;
    const visit = visits.get(id);
    const number = numberIn(moment);
    if (
      parts.length !== 2 ||
      visit === undefined ||
      number === null ||
      number >= visit.moments.length
    )
      return notFound('This visit is not known here: it was forgotten, or never begun.');
    return post === null ? show(visit, number) : go(visit, number, post);
  };

  return {
    handle: ({ method, url, body = '', fetchSite }) => {
      if (url.length > LONGEST_URL) return errorPage(414, 'Too long', 'The address is too long.');
      const isPost = method === 'POST';
      const [path = '', query = ''] = url.split(/[?#]/, 2);
      const [first = '', ...rest] = path.replace(/^\//, '').split('/');
      const allowed =
        first === 'visit'
          ? ['GET', 'HEAD', 'POST']
          : first === 'start'
            ? ['POST']
            : ['GET', 'HEAD'];
      if (!allowed.includes(method)) {
        return errorPage(405, 'Not allowed', `This page does not take ${method.slice(0, 20)}.`, {
          allow: allowed.join(', '),
        });
      }
      if (isPost && fetchSite !== undefined && fetchSite !== 'same-origin' && fetchSite !== 'none')
        return errorPage(403, 'Not allowed', 'Forms are taken only from these pages.');
      if (body.length > LONGEST_FORM) return errorPage(413, 'Too long', 'The form is too long.');
      const post = isPost ? new URLSearchParams(body) : null;
      switch (first) {
        case '':
          return rest.length === 0
            ? home(200, numberIn(new URLSearchParams(query).get('from')) ?? settings.goal, null)
            : notFound('There is no such page.');
        case 'start':
          return rest.length === 0 ? start(post!) : notFound('There is no such page.');
        case 'visit':
          return onVisit(rest, post);
        case 'replay':
          return rest.length === 0
            ? answer(200, layout(episodeList(episodes)))
            : rest.length === 2
              ? replay(numberIn(rest[0]!), numberIn(rest[1]!))
              : notFound('There is no such episode.');
        case 'style.css':
          return answer(200, STYLE, 'text/css; charset=utf-8');
        case 'icon.svg':
        case 'favicon.ico':
          return answer(200, ICON, 'image/svg+xml');
        default:
          return notFound('There is no such page.');
      }
    },
  };
}
