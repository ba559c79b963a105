import { InvalidInputError, parseInput } from '@spark-rl/core';
import { z } from 'zod';

import type { Catalogue } from '../catalogue/catalogue.js';
import { readPricing } from '../catalogue/pricing.js';
import { COLORS } from '../reward/colors.js';
import { wordNouns, type NounExtractor } from '../reward/nouns.js';
import { normalizeColor } from '../reward/option-reward.js';
import { tokenSetRatio } from '../reward/token-set-ratio.js';
import { winkNouns } from '../reward/wink-nouns.js';
import { mturkCode } from '../shop/mturk-code.js';
import { parseAction } from '../shop/parse-action.js';
import { episodeCases, goalCases } from './episode-vectors.js';
import { numpyCases, pythonCases, weightedCases } from './random-vectors.js';
import { reportGroup, type Case, type GroupReport } from './report.js';
import { attributeCases, optionCases, totalCases, typeCases } from './reward-vectors.js';
import { analyzerCases, normCases, referenceCases } from './search-vectors.js';

/** What verifying may need. */
export interface VerifyContext {
  /** The catalogue that goals, episodes and searches were recorded with; asked for only when the file has some. */
  readonly catalogue: () => Promise<Catalogue>;
  /** The nouns of type and total rewards; wink-nlp's by default. */
  readonly nouns?: NounExtractor;
}

/** How a file came out, and its groups that nothing here checks. */
export interface VerifyReport {
  readonly groups: readonly GroupReport[];
  readonly unchecked: readonly string[];
}

const pairs = <Input, Output>(input: z.ZodType<Input>, output: z.ZodType<Output>) =>
  z.array(z.tuple([input, output]));

/** Cases of a plain function: pairs of an input and what comes of it. */
const mapCases = (value: unknown, group: string, compute: (text: string) => unknown): Case[] =>
  parseInput(pairs(z.string(), z.unknown()), value, group).map(([input, expected]) => ({
    name: JSON.stringify(input),
    expected,
    found: compute(input),
  }));

const ratioSchema = z.object({
  vectors: z.array(z.tuple([z.string(), z.string(), z.number()])),
});

const pricingSchema = z.array(z.tuple([z.string().nullable(), z.array(z.number()), z.string()]));

type Checker = (value: unknown, group: string) => Iterable<Case> | Promise<Iterable<Case>>;

function checkers({ catalogue, nouns }: VerifyContext): Readonly<Record<string, Checker>> {
  const realNouns = async (): Promise<NounExtractor> => nouns ?? (await winkNouns());
  return {
    type_reward: async (value) => typeCases(value, await realNouns()),
    attribute_reward: attributeCases,
    option_reward: optionCases,
    option_reward_run: optionCases,
    total_reward: async (value) => totalCases(value, await realNouns()),
    normalize_color: (value, group) => mapCases(value, group, normalizeColor),
    color_set: (value) => [{ name: 'colours', expected: value, found: COLORS }],
    random_idx: weightedCases,
    mturk_code: (value, group) => mapCases(value, group, mturkCode),
    parse_action: (value, group) =>
      mapCases(value, group, (action) => {
        const { name, argument } = parseAction(action);
        return [name, argument];
      }),
    pricing: (value) =>
      parseInput(pricingSchema, value, 'pricing').map(([text, prices, shown]) => {
        const found = readPricing(text);
        return {
          name: JSON.stringify(text),
          expected: [prices, shown],
          found: [found.prices, found.priceText],
        };
      }),
    token_set_ratio: (value) =>
      parseInput(ratioSchema, value, 'token_set_ratio').vectors.map(([a, b, expected]) => ({
        name: JSON.stringify([a, b]),
        expected,
        found: tokenSetRatio(a, b),
      })),
    python_random: pythonCases,
    numpy_RandomState_choice: numpyCases,
    analyzer: analyzerCases,
    reference: async (value) => referenceCases(value, await catalogue()),
    norms: async (value) => normCases(value, await catalogue()),
    episodes: async (value) =>
      episodeCases(value, await catalogue(), { stub: wordNouns, real: await realNouns() }),
  };
}

const isGoalGroup = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'n_goals' in value;

/**
 * Checks a file of test vectors, of search references or of golden episodes, group by group. Groups are known by their names:
 * those of rewards, texts and random numbers, `analyzer`, `reference` and `norms` of searches, `episodes`, and lists of goals,
 * which have `n_goals` and say their seeds in their names.
 *
 * @param content - the parsed file
 * @throws InvalidInputError when a group has another form, or no group is known
 */
export async function verifyVectors(
  content: unknown,
  context: VerifyContext,
): Promise<VerifyReport> {
  const file = parseInput(z.record(z.string(), z.unknown()), content, 'vectors');
  const known = checkers(context);
  const groups: GroupReport[] = [];
  const unchecked: string[] = [];
  for (const [group, value] of Object.entries(file)) {
    if (group.startsWith('_')) continue;
    if (Object.hasOwn(known, group))
      groups.push(reportGroup(group, await known[group]!(value, group)));
    else if (isGoalGroup(value))
      groups.push(reportGroup(group, goalCases(group, value, await context.catalogue())));
    else unchecked.push(group);
  }
  if (groups.length === 0) {
    throw new InvalidInputError('the file holds no group of vectors that is known', {
      field: 'vectors',
      value: Object.keys(file),
      remedy: `Give a file with groups such as ${Object.keys(known).join(', ')}.`,
    });
  }
  return { groups, unchecked };
}
