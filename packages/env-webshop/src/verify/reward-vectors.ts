import { parseInput } from '@spark-rl/core';
import { z } from 'zod';

import { attributeReward, type AttributeSource } from '../reward/attribute-reward.js';
import type { NounExtractor } from '../reward/nouns.js';
import { optionReward, type GoalOption } from '../reward/option-reward.js';
import { reward } from '../reward/reward.js';
import { typeReward, type TypedProduct } from '../reward/type-reward.js';
import type { Case } from './report.js';

const typedSchema = z.object({
  query: z.string(),
  product_category: z.string(),
  name: z.string(),
});

const sourceSchema = z.object({
  Attributes: z.array(z.string()).default([]),
  Title: z.string().default(''),
  BulletPoints: z.union([z.array(z.string()), z.string()]).default([]),
  Description: z.string().default(''),
});

const optionsSchema = z.union([
  z.array(z.union([z.string(), z.tuple([z.string(), z.string()])])),
  z.record(z.string(), z.string()),
]);

const tolerance = { abs_tol: z.number().optional() };

const typeSchema = z.array(
  z.object({
    goal: typedSchema,
    purchased: typedSchema,
    expect: z.object({
      r_type: z.number().optional(),
      query_match: z.boolean().optional(),
      category_match: z.boolean().optional(),
      title_score: z.number().optional(),
      title_score_less_than: z.number().optional(),
      ...tolerance,
    }),
  }),
);

const attributeSchema = z.array(
  z.object({
    goal_attributes: z.array(z.string()),
    purchased: sourceSchema,
    expect: z.object({ r_attr: z.number(), num_attr_matches: z.number() }),
  }),
);

const optionSchema = z.array(
  z.object({
    goal: optionsSchema,
    purchased: optionsSchema,
    expect: z.object({ matches: z.number(), r_option: z.number().nullable() }),
  }),
);

const totalSchema = z.array(
  z.object({
    goal: typedSchema.extend({
      attributes: z.array(z.string()),
      goal_options: optionsSchema,
      price_upper: z.number(),
    }),
    purchased: typedSchema.extend(sourceSchema.shape),
    price: z.number(),
    options: z.record(z.string(), z.string()),
    expect: z.number(),
    ...tolerance,
  }),
);

const typed = (value: z.output<typeof typedSchema>): TypedProduct => ({
  query: value.query,
  productCategory: value.product_category,
  name: value.name,
});

const source = (value: z.output<typeof sourceSchema>): AttributeSource => ({
  attributes: value.Attributes,
  title: value.Title,
  // Python joins the characters of a string as it joins a list.
  bulletPoints:
    typeof value.BulletPoints === 'string' ? [...value.BulletPoints] : value.BulletPoints,
  description: value.Description,
});

/** Wanted options in any of their forms: values, pairs, or an object. */
export const goalOptions = (value: z.output<typeof optionsSchema>): readonly GoalOption[] =>
  Array.isArray(value) ? value : Object.entries(value);

const chosen = (value: z.output<typeof optionsSchema>): string[] =>
  goalOptions(value).map((option) => (typeof option === 'string' ? option : option[1]));

/** Within a tolerance the expected number stands for the found one. */
const near = (expected: number, found: number, within: number | undefined): number =>
  within !== undefined && Math.abs(expected - found) <= within ? expected : found;

/** Vectors of the type reward; only what a vector expects is compared. */
export function typeCases(value: unknown, nouns: NounExtractor): Case[] {
  return parseInput(typeSchema, value, 'type_reward').map((vector, index) => {
    const { expect } = vector;
    const found = typeReward(typed(vector.purchased), typed(vector.goal), nouns);
    const below = expect.title_score_less_than;
    const answers = {
      r_type: found.reward,
      query_match: found.queryMatch,
      category_match: found.categoryMatch,
      title_score: near(expect.title_score ?? 0, found.titleScore, expect.abs_tol),
      title_score_less_than:
        below !== undefined && found.titleScore < below ? below : found.titleScore,
      abs_tol: expect.abs_tol,
    };
    const wanted = Object.entries(answers).filter(([key]) => Object.hasOwn(expect, key));
    return {
      name: `type_reward ${index}`,
      expected: expect,
      found: Object.fromEntries(wanted),
    };
  });
}

export const attributeCases = (value: unknown): Case[] =>
  parseInput(attributeSchema, value, 'attribute_reward').map((vector, index) => {
    const found = attributeReward(source(vector.purchased), vector.goal_attributes);
    return {
      name: `attribute_reward ${index}`,
      expected: vector.expect,
      found: { r_attr: found.reward, num_attr_matches: found.matches },
    };
  });

export const optionCases = (value: unknown): Case[] =>
  parseInput(optionSchema, value, 'option_reward').map((vector, index) => {
    const found = optionReward(chosen(vector.purchased), goalOptions(vector.goal));
    return {
      name: `option_reward ${index}`,
      expected: vector.expect,
      found: { matches: found.matches, r_option: found.reward },
    };
  });

export const totalCases = (value: unknown, nouns: NounExtractor): Case[] =>
  parseInput(totalSchema, value, 'total_reward').map((vector, index) => {
    const { goal, purchased, options, price } = vector;
    const { total } = reward(
      {
        product: { ...typed(purchased), ...source(purchased) },
        options: Object.values(options),
        price,
      },
      {
        ...typed(goal),
        attributes: goal.attributes,
        options: goalOptions(goal.goal_options),
        priceUpper: goal.price_upper,
      },
      nouns,
    );
    return {
      name: `total_reward ${index}`,
      expected: vector.expect,
      found: near(vector.expect, total, vector.abs_tol),
    };
  });
