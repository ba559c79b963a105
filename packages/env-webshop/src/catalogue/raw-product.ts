import { parseInput } from '@spark-rl/core';
import { z } from 'zod';

import { strip } from '../python/python-text.js';
import { readPricing } from './pricing.js';
import type { HumanInstruction, OptionGroup, Product } from './product.js';

const optionSchema = z.object({ value: z.string(), image: z.string().nullish() });

const itemSchema = z.object({
  asin: z.string(),
  name: z.string(),
  full_description: z.string(),
  pricing: z.string().nullish(),
  images: z.array(z.string()).nullish(),
  product_category: z.string(),
  small_description: z.union([z.array(z.string()), z.string()]),
  customization_options: z.union([
    z.literal(''),
    z.null(),
    z.record(z.string(), z.array(optionSchema).nullable()),
  ]),
  category: z.string(),
  query: z.string(),
});

const instructionSchema = z.object({
  attributes: z.array(z.string()).optional(),
  instruction: z.string().nullish(),
  instruction_attributes: z.array(z.string()).nullish(),
});

const humanSchema = z.array(
  z.object({
    instruction: z.string(),
    instruction_attributes: z.array(z.string()),
    instruction_options: z.array(z.string()),
  }),
);

/** What `items_ins_v2.json` says of one product. */
export type RawInstruction = z.output<typeof instructionSchema>;

/** Checks one member of `items_ins_v2.json`. @throws InvalidInputError naming the wrong field */
export const parseInstruction = (value: unknown, what: string): RawInstruction =>
  parseInput(instructionSchema, value, what);

/** Checks one member of `items_human_ins.json`. @throws InvalidInputError naming the wrong field */
export const parseHumanInstructions = (value: unknown, what: string): HumanInstruction[] =>
  parseInput(humanSchema, value, what).map((entry) => ({
    instruction: entry.instruction,
    attributes: entry.instruction_attributes,
    options: entry.instruction_options,
  }));

function optionGroups(
  options: z.output<typeof itemSchema>['customization_options'],
): readonly OptionGroup[] {
  const groups = new Map<string, OptionGroup>();
  for (const [rawName, entries] of Object.entries(options === '' ? {} : (options ?? {}))) {
    if (entries === null) continue;
    const name = rawName.toLowerCase();
    groups.set(name, {
      name,
      values: entries.map(({ value }) => strip(value).replaceAll('/', ' | ').toLowerCase()),
    });
  }
  return [...groups.values()];
}

/** What the shop knows of a product beside its entry in the item file. */
export interface ProductExtras {
  readonly instruction?: RawInstruction | undefined;
  readonly human?: readonly HumanInstruction[] | undefined;
}

/** The attributes of a product of which the instruction file says nothing. */
const UNKNOWN_ATTRIBUTES: readonly string[] = ['DUMMY_ATTR'];

/**
 * Makes a product of its entry in `items_shuffle.json` and of what the instruction files say of it.
 *
 * @param value - the parsed entry
 * @param what - where it stands, for messages
 * @throws InvalidInputError naming the wrong field
 */
export function makeProduct(value: unknown, extras: ProductExtras, what: string): Product {
  const item = parseInput(itemSchema, value, what);
  const { instruction, human } = extras;
  return {
    asin: item.asin,
    title: item.name,
    description: item.full_description,
    bulletPoints: Array.isArray(item.small_description)
      ? item.small_description
      : [item.small_description],
    category: item.category,
    query: strip(item.query.toLowerCase()),
    productCategory: item.product_category,
    attributes: instruction?.attributes ?? UNKNOWN_ATTRIBUTES,
    ...readPricing(item.pricing),
    options: optionGroups(item.customization_options),
    image: item.images?.[0] ?? null,
    instruction: instruction?.instruction ?? null,
    instructionAttributes: instruction?.instruction_attributes ?? [],
    humanInstructions: human ?? [],
  };
}
