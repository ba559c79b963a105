import { InvalidInputError } from '@spark-rl/core';
import {
  openCatalogue,
  openShop,
  readCatalogue,
  readSearchIndex,
  syntheticCatalogue,
  syntheticNouns,
  tableNouns,
  winkNouns,
  type CatalogueFiles,
  type GoalKind,
  type NounExtractor,
  type ProductDetail,
  type Shop,
} from '@spark-rl/env-webshop';

import { indexPaths } from './index-files.js';
import { readJson } from './read-json.js';

/** Which shop a command opens. */
export interface ShopChoice {
  /** `items_shuffle.json`, or a part of it; without it the catalogue is synthetic. */
  readonly items?: string;
  /** `items_ins_v2.json`. */
  readonly ins?: string;
  /** `items_human_ins.json`. */
  readonly human?: string;
  /** What `webshop index` made of these files. */
  readonly index?: string;
  /** JSON from product names to their nouns. */
  readonly nouns?: string;
  /** Whose instructions are asked for; people's where their file is given. */
  readonly goals?: string;
  /** Of a synthetic catalogue. */
  readonly seed?: number;
  readonly products?: number;
  readonly detail?: string;
}

const oneOf = <Name extends string>(
  names: readonly Name[],
  given: string | undefined,
  field: string,
): Name | undefined => {
  const found = names.find((name) => name === given);
  if (given === undefined || found !== undefined) return found;
  throw new InvalidInputError(`${field} ${given}: there is no such choice`, {
    field,
    value: given,
    remedy: `Choose ${names.join(' or ')}.`,
  });
};

/** The data files that were named; null where the catalogue is synthetic. @throws InvalidInputError when one is missing */
export function filesOf({ items, ins, human, index }: ShopChoice): CatalogueFiles | null {
  const alone = items === undefined ? (ins ?? human ?? index) : undefined;
  if (alone !== undefined || (items !== undefined && ins === undefined)) {
    const field = items === undefined ? '--items' : '--ins';
    throw new InvalidInputError(`${field} is missing: the data files belong together`, {
      field,
      remedy: 'Give --items and --ins, or neither for a synthetic catalogue.',
    });
  }
  if (items === undefined || ins === undefined) return null;
  return {
    items,
    instructions: ins,
    ...(human === undefined ? {} : { humanInstructions: human }),
  };
}

/** The nouns that rewards rest on: a table, wink's for real data, exact ones for synthetic products. */
async function nounsOf({ nouns }: ShopChoice, isSynthetic: boolean): Promise<NounExtractor> {
  if (nouns !== undefined) return tableNouns(readJson(nouns));
  return isSynthetic ? syntheticNouns : winkNouns();
}

/** What a shop is called where a user should know which it is. */
export const shopName = (choice: ShopChoice): string =>
  choice.items ?? `a synthetic catalogue (seed ${choice.seed ?? 0})`;

/**
 * Opens the shop that options name: real data files, with or without an index, or a synthetic catalogue.
 *
 * @throws InvalidInputError when files are missing or damaged, or belong to others
 */
export async function openNamedShop(choice: ShopChoice): Promise<Shop> {
  const files = filesOf(choice);
  const kind = oneOf<GoalKind>(['synthetic', 'human'], choice.goals, '--goals');
  const nouns = await nounsOf(choice, files === null);
  if (files === null) {
    if (kind === 'human') {
      throw new InvalidInputError('a synthetic catalogue has no instructions of people', {
        field: '--goals',
        value: kind,
        remedy: 'Give --items, --ins and --human, or leave --goals out.',
      });
    }
    const detail = oneOf<ProductDetail>(['brief', 'full'], choice.detail, '--detail');
    const catalogue = syntheticCatalogue({
      ...(choice.seed !== undefined && { seed: choice.seed }),
      ...(choice.products !== undefined && { size: choice.products }),
      ...(detail !== undefined && { detail }),
    });
    return openShop({ catalogue, nouns });
  }
  const goals = { kind: kind ?? (choice.human === undefined ? 'synthetic' : 'human') } as const;
  if (choice.index === undefined)
    return openShop({ catalogue: await readCatalogue(files), nouns, goals });
  const paths = indexPaths(choice.index);
  const catalogue = await openCatalogue(files, paths.products);
  return openShop({ catalogue, nouns, goals, index: readSearchIndex(paths.search) });
}
