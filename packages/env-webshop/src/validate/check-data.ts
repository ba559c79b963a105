import { createReadStream } from 'node:fs';

import { SparkError } from '@spark-rl/core';

import type { CatalogueFiles } from '../catalogue/data-files.js';
import { isSkipped } from '../catalogue/catalogue.js';
import { jsonItems, type JsonItem } from '../catalogue/json-items.js';
import type { Product } from '../catalogue/product.js';
import {
  makeProduct,
  parseHumanInstructions,
  parseInstruction,
  type RawInstruction,
} from '../catalogue/raw-product.js';
import { clickAction } from '../pages/controls.js';
import { severityOf, type DataProblem, type DataProblemKind } from './data-problem.js';

/** How much there is in data files. */
export interface DataCounts {
  /** Products that the shop takes. */
  products: number;
  /** Entries that it skips: duplicates and unusable identifiers. */
  skipped: number;
  withoutPrice: number;
  priceRanges: number;
  /** Ranges whose first price is the higher one; the shop takes them as they are. */
  fallingRanges: number;
  withOptions: number;
  withoutAttributes: number;
  instructions: number;
  /** Members of the file of people's instructions, and the instructions in them. */
  humanProducts: number;
  humanInstructions: number;
}

type Report = (
  kind: DataProblemKind,
  file: string,
  asin: string | null,
  byte: number | null,
  message: string,
) => void;

/** The message of an error without its remedy, which a list of problems has no room for. */
function reason(cause: unknown): string {
  if (!(cause instanceof SparkError)) return cause instanceof Error ? cause.message : String(cause);
  const { message, remedy } = cause;
  return remedy === undefined ? message : message.slice(0, -`. ${remedy}`.length);
}

/** The elements of a file as far as it is whole; what ends them early is reported. */
async function* itemsOf(path: string, report: Report): AsyncGenerator<JsonItem> {
  const stream = createReadStream(path, { highWaterMark: 1 << 20 });
  try {
    yield* jsonItems(stream as AsyncIterable<Uint8Array>, path);
  } catch (cause) {
    const byte =
      cause instanceof SparkError && typeof cause.value === 'number' ? cause.value : null;
    report(byte === null ? 'unreadable' : 'damaged', path, null, byte, reason(cause));
  } finally {
    stream.destroy();
  }
}

/** The members of an instruction file that can be read, by asin. */
async function readMembers<Entry>(
  path: string,
  parse: (value: unknown, what: string) => Entry,
  report: Report,
): Promise<Map<string, Entry | null>> {
  const entries = new Map<string, Entry | null>();
  for await (const { key, value, offset } of itemsOf(path, report)) {
    if (key === null) {
      report('wrong form', path, null, 0, 'an array, not an object from asin to instruction');
      break;
    }
    try {
      entries.set(key, parse(value, key));
    } catch (cause) {
      entries.set(key, null);
      report('wrong field', path, key, offset, reason(cause));
    }
  }
  return entries;
}

function countProduct(product: Product, counts: DataCounts, raw: unknown): void {
  const [low, high] = product.prices;
  const { pricing } = raw as { pricing?: string | null };
  counts.products++;
  if (pricing === null || pricing === undefined || pricing === '') counts.withoutPrice++;
  if (high !== undefined) counts.priceRanges++;
  if (high !== undefined && high < low) counts.fallingRanges++;
  if (product.options.length > 0) counts.withOptions++;
  if (product.attributes.length === 0) counts.withoutAttributes++;
  if (product.instruction !== null) counts.instructions++;
}

/** What is wrong with a whole product, as an agent and the goals see it. */
function checkProduct(
  product: Product,
  problem: (kind: DataProblemKind, message: string) => void,
): void {
  if (product.instruction !== null && product.instructionAttributes.length === 0)
    problem('instruction without attributes', 'its instruction asks for no attribute');
  for (const { name, values } of product.options)
    for (const value of values)
      if (clickAction(value) === null)
        problem('option that no action can name', `${name}: ${JSON.stringify(value)}`);
}

/**
 * Checks WebShop's data files entry by entry. It goes on after what is wrong, as far as the files can be read: with one reading it
 * finds all that {@link readCatalogue} would stop at, and what the shop would skip.
 *
 * @param onProblem - told of every problem as it is found
 */
export async function checkData(
  { items, instructions, humanInstructions }: CatalogueFiles,
  onProblem: (problem: DataProblem) => void,
): Promise<DataCounts> {
  const report: Report = (kind, file, asin, byte, message) =>
    onProblem({ kind, severity: severityOf(kind), file, asin, byte, message });
  const entries = await readMembers<RawInstruction>(instructions, parseInstruction, report);
  const human =
    humanInstructions === undefined
      ? new Map<string, null>()
      : await readMembers(humanInstructions, parseHumanInstructions, report);
  const counts: DataCounts = {
    products: 0,
    skipped: 0,
    withoutPrice: 0,
    priceRanges: 0,
    fallingRanges: 0,
    withOptions: 0,
    withoutAttributes: 0,
    instructions: 0,
    humanProducts: human.size,
    humanInstructions: [...human.values()].reduce((sum, each) => sum + (each?.length ?? 0), 0),
  };
  const known = new Set<string>();
  for await (const { key, value, offset } of itemsOf(items, report)) {
    if (key !== null) {
      report('wrong form', items, null, 0, 'an object, not an array of products');
      break;
    }
    const named = (value as { asin?: unknown } | null)?.asin;
    const asin = typeof named === 'string' ? named : null;
    const problem = (kind: DataProblemKind, message: string): void =>
      report(kind, items, asin, offset, message);
    if (asin === null) {
      problem('wrong field', 'the entry has no asin');
      continue;
    }
    if (isSkipped(asin, known)) {
      counts.skipped++;
      if (known.has(asin))
        problem('duplicate product', 'it stands in the file before; the shop skips this one');
      else problem('unusable identifier', 'longer than ten characters, or nan; the shop skips it');
      continue;
    }
    known.add(asin);
    if (!entries.has(asin) && !human.has(asin))
      problem('no instruction entry', `${instructions} has no entry for it`);
    try {
      const extras = {
        instruction: entries.get(asin) ?? undefined,
        human: human.get(asin) ?? undefined,
      };
      const product = makeProduct(value, extras, asin);
      countProduct(product, counts, value);
      checkProduct(product, problem);
    } catch (cause) {
      const isPrice = cause instanceof SparkError && cause.field === 'pricing';
      problem(isPrice ? 'wrong price' : 'wrong field', reason(cause));
    }
  }
  for (const [file, members] of [
    [instructions, entries],
    [humanInstructions ?? '', human],
  ] as const) {
    let unused = 0;
    for (const asin of members.keys()) if (!known.has(asin)) unused++;
    if (unused > 0)
      report('unused entry', file, null, null, `${unused} entries are of no product in ${items}`);
  }
  return counts;
}
