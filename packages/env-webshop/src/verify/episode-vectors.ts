import { InvalidInputError, parseInput } from '@spark-rl/core';
import { z } from 'zod';

import type { Catalogue } from '../catalogue/catalogue.js';
import type { Goal } from '../goals/goal.js';
import { makeGoals, type GoalOptions } from '../goals/make-goals.js';
import type { NounExtractor } from '../reward/nouns.js';
import type { SearchEngine } from '../search/search.js';
import { pageOf } from '../shop/page.js';
import { pageText } from '../shop/page-text.js';
import { freshSession, type Session } from '../shop/session.js';
import { openShop, type Shop } from '../shop/shop.js';
import { visit } from '../shop/visit.js';
import { goalOptions } from './reward-vectors.js';
import type { Case } from './report.js';

const goalSchema = z.object({
  asin: z.string(),
  instruction_text: z.string(),
  attributes: z.array(z.string()),
  price_upper: z.number(),
  goal_options: z.union([z.array(z.string()), z.record(z.string(), z.string())]),
  weight: z.number(),
  query: z.string(),
  category: z.string(),
});

const episodeSchema = z.object({
  mode: z.enum(['text', 'text_rich']),
  goal_index: z.int().min(0),
  show_attrs: z.boolean().default(false),
  goal: goalSchema,
  search_results: z.record(z.string(), z.array(z.string())).optional(),
  trace: z.array(
    z.object({
      action: z.string().nullable(),
      obs: z.string(),
      url: z.string().optional(),
      reward: z.number().optional(),
      done: z.boolean().optional(),
      avail: z.object({ has_search_bar: z.boolean(), clickables: z.array(z.string()) }).optional(),
    }),
  ),
});

type Episode = z.output<typeof episodeSchema>;

const goalsSchema = z.looseObject({
  n_goals: z.int(),
  all: z.array(goalSchema).optional(),
  range_prices: z.record(z.string(), z.number()).optional(),
});

/** The options of {@link makeGoals} that the name of a group stands for, such as `human_pre_seed0_shuffle233`. */
function goalOptionsOf(group: string): GoalOptions {
  const both = /pre_seed(\d+)_shuffle(\d+)/.exec(group);
  const one = /seed(\d+)/.exec(group);
  return {
    kind: group.includes('human') ? 'human' : 'synthetic',
    preSeed: Number(both?.[1] ?? one?.[1] ?? 0),
    shuffleSeed: Number(both?.[2] ?? one?.[1] ?? 233),
  };
}

/** A goal in the form of the vectors; `like` tells whether no options are a list or an object. */
function goalJson(goal: Goal, like: z.output<typeof goalSchema>): z.output<typeof goalSchema> {
  const options = goal.options;
  return {
    asin: goal.asin,
    instruction_text: goal.instruction,
    attributes: [...goal.attributes],
    price_upper: goal.priceUpper,
    goal_options: Array.isArray(like.goal_options)
      ? options.map((option) => (typeof option === 'string' ? option : option[1]))
      : Object.fromEntries(options.filter((option) => typeof option !== 'string')),
    weight: goal.weight,
    query: goal.query,
    category: goal.category,
  };
}

/** Vectors of goals: how many there are, the first of them, and the prices that were drawn. */
export function* goalCases(group: string, value: unknown, catalogue: Catalogue): Generator<Case> {
  const vector = parseInput(goalsSchema, value, group);
  const { goals, prices } = makeGoals(catalogue, goalOptionsOf(group));
  yield { name: 'n_goals', expected: vector.n_goals, found: goals.length };
  const firstKey = Object.keys(vector).find((key) => /^first\d+$/.test(key));
  const first =
    firstKey === undefined
      ? []
      : parseInput(z.array(goalSchema), vector[firstKey], `${group}.${firstKey}`);
  for (const [place, expected] of [...first, ...(vector.all ?? [])].entries()) {
    const found = place < goals.length ? goalJson(goals.at(place), expected) : undefined;
    yield { name: `goal ${place}`, expected, found };
  }
  for (const [asin, expected] of Object.entries(vector.range_prices ?? {})) {
    const place = catalogue.placeOf(asin);
    yield {
      name: `price of ${asin}`,
      expected,
      found: place === undefined ? undefined : prices[place],
    };
  }
}

/** A search engine that answers from a table, as the stub of the recordings. */
const recordedEngine = (
  catalogue: Catalogue,
  results: Readonly<Record<string, readonly string[]>>,
): SearchEngine => ({
  search: (query, count) =>
    (Object.hasOwn(results, query) ? results[query]! : []).slice(0, count).flatMap((asin) => {
      const place = catalogue.placeOf(asin);
      return place === undefined ? [] : [{ asin, place, score: 0 }];
    }),
});

function goalOfEpisode(episode: Episode, catalogue: Catalogue): Goal {
  const { goal } = episode;
  const place = catalogue.placeOf(goal.asin);
  if (place === undefined) {
    throw new InvalidInputError(`the catalogue has no product ${goal.asin}`, {
      field: 'goal.asin',
      value: goal.asin,
      remedy: 'Give the item files that the episodes were recorded with.',
    });
  }
  const product = catalogue.product(place);
  return {
    asin: goal.asin,
    category: goal.category,
    query: goal.query,
    name: product.title,
    productCategory: product.productCategory,
    instruction: goal.instruction_text,
    attributes: goal.attributes,
    priceUpper: goal.price_upper,
    options: goalOptions(goal.goal_options),
    weight: goal.weight,
  };
}

/** Replays recorded episodes: each step is a case, with all that was recorded of it. */
export function* episodeCases(
  value: unknown,
  catalogue: Catalogue,
  /** The noun extractors of episodes with a stub for search, and of those without. */
  nouns: { readonly stub: NounExtractor; readonly real: NounExtractor },
): Generator<Case> {
  for (const [index, episode] of parseInput(z.array(episodeSchema), value, 'episodes').entries()) {
    const results = episode.search_results;
    const shop: Shop = openShop({
      catalogue,
      nouns: results === undefined ? nouns.real : nouns.stub,
      ...(results === undefined ? {} : { engine: recordedEngine(catalogue, results) }),
    });
    const options = { showAttributes: episode.show_attrs };
    const start = freshSession(String(episode.goal_index), goalOfEpisode(episode, catalogue));
    let session: Session = start;
    for (const [turn, recorded] of episode.trace.entries()) {
      const before = session;
      session = recorded.action === null ? start : visit(shop, session, recorded.action, options);
      const page = pageOf(shop, session, options);
      const moved = session !== before;
      const answers = {
        action: recorded.action,
        obs: pageText(page, session, episode.mode),
        url: session.url,
        reward: moved ? session.reward : 0,
        done: moved && session.page === 'done',
        avail: { has_search_bar: page.hasSearchBar, clickables: [...page.clickables.keys()] },
      };
      yield {
        name: `episode ${index}, step ${turn} (${recorded.action ?? 'reset'})`,
        ...firstDifference(recorded, answers),
      };
    }
  }
}

/** The first field that differs, so that a report speaks of it alone; the whole record where none does. */
function firstDifference(
  recorded: Readonly<Record<string, unknown>>,
  answers: Readonly<Record<string, unknown>>,
): Pick<Case, 'expected' | 'found'> {
  for (const [key, expected] of Object.entries(recorded)) {
    if (JSON.stringify(expected) !== JSON.stringify(answers[key]))
      return { expected, found: answers[key] };
  }
  return { expected: true, found: true };
}
