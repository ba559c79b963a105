import {
  observationText,
  parseInput,
  randomSource,
  type Expert,
  type ExpertSession,
  type ExpertTurn,
  type RandomSource,
} from '@spark-rl/core';
import { z } from 'zod';

import { readInstruction, type Wish } from './read-instruction.js';
import { readPage, type Offer, type SeenPage } from './read-page.js';

/** How well the expert works; imperfect on purpose, so that reinforcement has something to improve. */
export interface ShopExpertOptions {
  /** The share of products that are chosen at random from a page of results; 0 to 1, default 0. */
  readonly choiceNoise?: number;
  /** The share of wanted options that are forgotten; 0 to 1, default 0. */
  readonly forgetfulness?: number;
  /** The share of turns in which it does something that leads nowhere; 0 to 1, default 0. */
  readonly wastedTurns?: number;
  /** How many products are looked at before the best so far is bought; default 3. */
  readonly patience?: number;
}

const share = z.number().min(0).max(1).default(0);

const schema = z.strictObject({
  choiceNoise: share,
  forgetfulness: share,
  wastedTurns: share,
  patience: z.int().min(1).default(3),
});

const wordsOf = (text: string): string[] => text.toLowerCase().match(/[a-z0-9]+/g) ?? [];

/** Whether the words agree but for a plural's ending. */
const sameWord = (a: string, b: string): boolean =>
  a === b ||
  (a.length > 3 && b.length > 3 && a.slice(0, -1) === b.replace(/e?s$/, '').slice(0, a.length - 1));

/** How many of the wanted words occur in a text. */
function overlap(wanted: readonly string[], text: string): number {
  const found = wordsOf(text);
  return wanted.filter((word) => found.some((each) => sameWord(each, word))).length;
}

/** What an expert remembers of a product that it looked at. */
interface Look {
  readonly asin: string;
  /** Texts read so far: the title, then the features. */
  text: string;
  hasRead: boolean;
}

function beginSession(
  wish: Wish,
  { choiceNoise, forgetfulness, wastedTurns, patience }: z.output<typeof schema>,
  random: RandomSource,
): ExpertSession {
  const wanted = wordsOf(wish.phrase);
  const looks = new Map<string, Look>();
  const isForgotten = new Set(
    wish.options.filter(() => random.uniform() < forgetfulness).map(([name]) => name),
  );
  let open: Look | null = null;
  let clicked = new Set<string>();
  let settled: string | null = null;
  let searches = 0;

  const turn = (mode: 'explore' | 'think', reasoning: string, action: string): ExpertTurn => ({
    mode,
    reasoning,
    action,
  });
  const missing = (look: Look): string[] =>
    wish.attributes.filter((attribute) => {
      const parts = wordsOf(attribute);
      return overlap(parts, look.text) < parts.length;
    });

  const search = (): ExpertTurn => {
    searches++;
    // A second search drops the attributes: titles name only some of them.
    const kind = wish.phrase.split(' with ')[0]!.split(', ').at(-1)!;
    const whole = [wish.phrase, ...wish.options.map(([, value]) => value)].join(' ');
    return searches === 1
      ? turn('think', 'I search for what I was asked for', `search[${whole}]`)
      : turn('explore', 'nothing fits. I search more widely', `search[${kind}]`);
  };

  const openOffer = (offer: Offer, mode: 'explore' | 'think', why: string): ExpertTurn => {
    open = looks.get(offer.asin) ?? { asin: offer.asin, text: offer.title, hasRead: false };
    looks.set(offer.asin, open);
    clicked = new Set();
    // The code as the page shows it: a small model copies it more easily than it changes its case.
    return turn(mode, `${offer.asin} ${why}`, `click[${offer.asin}]`);
  };

  const fromResults = (page: Extract<SeenPage, { kind: 'results' }>): ExpertTurn => {
    open = null;
    const again = page.offers.find(({ asin }) => asin === settled);
    if (again !== undefined) return openOffer(again, 'think', 'was the best that I saw');
    const fresh = page.offers.filter(
      ({ asin, price }) => !looks.has(asin) && price <= wish.priceLimit,
    );
    if (fresh.length === 0) {
      if (page.page < 3 && page.offers.length > 0)
        return turn('explore', 'nothing here fits. I look at the next page', 'click[next >]');
      return search();
    }
    if (random.uniform() < choiceNoise) return openOffer(random.pick(fresh), 'explore', 'may fit');
    const ranked = fresh
      .map((offer) => ({ offer, score: overlap(wanted, offer.title) }))
      .sort((a, b) => b.score - a.score);
    const isTie = ranked.length > 1 && ranked[0]!.score === ranked[1]!.score;
    return openOffer(
      ranked[0]!.offer,
      isTie ? 'explore' : 'think',
      isTie ? 'fits as well as others. I try it' : 'fits best',
    );
  };

  const fromItem = (page: Extract<SeenPage, { kind: 'item' }>): ExpertTurn => {
    open ??= { asin: '', text: page.title, hasRead: false };
    const absent = wish.options.filter(([, value]) => !page.texts.includes(value));
    const isSettled = open.asin === settled;
    if (!isSettled && looks.size < patience && absent.length > 0)
      return turn('explore', `it has no ${absent[0]![1]}. I go back`, 'click[< prev]');
    if (!isSettled && !open.hasRead && missing(open).length > 0) {
      const [first] = missing(open);
      return turn('explore', `is it ${first!}? I read its features`, 'click[features]');
    }
    if (!isSettled && looks.size < patience && missing(open).length > 0)
      return turn('explore', `nothing says ${missing(open)[0]!}. I go back`, 'click[< prev]');
    if (!isSettled) {
      settled = best(page).asin;
      if (settled !== open.asin)
        return turn('think', 'I saw a better one. I go back to it', 'click[< prev]');
    }
    const next = wish.options.find(
      ([name, value]) => !isForgotten.has(name) && !clicked.has(name) && page.texts.includes(value),
    );
    if (next === undefined)
      return turn('think', 'it is all I was asked for. I buy it', 'click[buy now]');
    clicked.add(next[0]);
    return turn('think', `${next[0]} must be ${next[1]}`, `click[${next[1]}]`);
  };

  /** The product with the fewest attributes missing; the one that is open where others are no better. */
  const best = (page: Extract<SeenPage, { kind: 'item' }>): Look => {
    const current = open!;
    const isWhole = wish.options.every(([, value]) => page.texts.includes(value));
    let found = current;
    for (const look of looks.values())
      if (!isWhole && look.hasRead && missing(look).length < missing(found).length) found = look;
    return found;
  };

  return {
    act: (observation) => {
      const page = readPage(observationText(observation));
      if (page.kind !== 'search' && random.uniform() < wastedTurns)
        return turn('think', 'I look at the pictures', 'click[pictures]');
      switch (page.kind) {
        case 'results':
          return fromResults(page);
        case 'item':
          return fromItem(page);
        case 'sub-page':
          if (open !== null) {
            open.text += ` ${page.text}`;
            open.hasRead = true;
          }
          return turn('think', 'I have read it. I go back to the product', 'click[< prev]');
        case 'search':
        case 'done':
          return search();
      }
    },
  };
}

/**
 * An expert for synthetic goals, on observations in text mode. It sees what any agent sees: it searches for what it was asked
 * for, opens the product whose title fits best below the price limit, reads its features where attributes are in doubt, goes
 * back where something is missing, chooses the options and buys. Turns say `explore` where it cannot know, `think` where it does.
 *
 * @throws InvalidInputError when an option is wrong
 */
export function shopExpert(options: ShopExpertOptions = {}): Expert {
  const settings = parseInput(schema, options, 'options of shopExpert');
  return {
    id: 'webshop-expert',
    begin: ({ instruction, key }) =>
      beginSession(
        readInstruction(instruction),
        settings,
        randomSource(['webshop', 'expert', ...key]),
      ),
  };
}
