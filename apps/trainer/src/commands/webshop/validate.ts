import {
  checkData,
  checkGoals,
  type DataCounts,
  type DataProblem,
  type GoalCheck,
} from '@spark-rl/env-webshop';

import { formatCount, type Output } from '../../output/progress.js';
import { showResult } from '../../output/result.js';
import { filesOf, openNamedShop, shopName, type ShopChoice } from './named-shop.js';

export interface ValidateOptions extends ShopChoice {
  /** How many goals are tried. */
  readonly tries: number;
}

/** How many problems of a kind are told one by one. */
const TOLD = 10;
/** How many are kept for the JSON, so that hopeless files do not fill the memory. */
const KEPT = 10_000;

const where = ({ file, asin, byte }: DataProblem): string =>
  [file, ...(asin === null ? [] : [asin]), ...(byte === null ? [] : [`byte ${byte}`])].join(', ');

function problemsText(
  problems: readonly DataProblem[],
  kinds: ReadonlyMap<string, number>,
): string {
  let text = '';
  for (const [kind, count] of kinds) {
    const told = problems.filter((problem) => problem.kind === kind).slice(0, TOLD);
    text += `${told[0]?.severity ?? 'error'}: ${kind}: ${formatCount(count)}\n`;
    for (const problem of told) text += `  ${where(problem)}: ${problem.message}\n`;
    if (count > told.length) text += `  and ${formatCount(count - told.length)} more\n`;
  }
  return text;
}

const countsText = (counts: DataCounts): string =>
  `${formatCount(counts.products)} products (${formatCount(counts.skipped)} skipped): ` +
  `${formatCount(counts.withoutPrice)} without a price, ${formatCount(counts.priceRanges)} with a range of prices (${formatCount(counts.fallingRanges)} falling), ` +
  `${formatCount(counts.withOptions)} with options, ${formatCount(counts.withoutAttributes)} without attributes\n` +
  `${formatCount(counts.instructions)} synthetic instructions, ${formatCount(counts.humanInstructions)} of people for ${formatCount(counts.humanProducts)} products\n`;

function goalsText(check: GoalCheck): string {
  const { goals, tried, full, weak } = check;
  let text =
    `${formatCount(goals)} goals, ${formatCount(tried)} tried: ${formatCount(full)} earn 1 with their own product, ` +
    `${formatCount(weak.filter(({ reward }) => reward !== null).length)} less, ${formatCount(weak.filter(({ reward }) => reward === null).length)} cannot be bought\n`;
  for (const { goal, asin, reward, reason } of weak.slice(0, TOLD))
    text += `  goal ${goal} (${asin}): ${reward === null ? 'not bought' : `reward ${Number(reward.toFixed(4))}`}, ${reason}\n`;
  if (weak.length > TOLD) text += `  and ${formatCount(weak.length - TOLD)} more\n`;
  return text;
}

/**
 * Checks data files, and buys the goals' own products in the shop that they make.
 *
 * @returns 1 when the files have errors, which keep the shop from opening; else 0
 */
export async function validateCommand(options: ValidateOptions, output: Output): Promise<number> {
  const files = filesOf(options);
  const problems: DataProblem[] = [];
  const kinds = new Map<string, number>();
  let errors = 0;
  const counts =
    files === null
      ? null
      : await checkData(files, (problem) => {
          kinds.set(problem.kind, (kinds.get(problem.kind) ?? 0) + 1);
          if (problem.severity === 'error') errors++;
          if (problems.length < KEPT) problems.push(problem);
        });
  let goals: GoalCheck | null = null;
  if (errors === 0) {
    const shop = await openNamedShop(options);
    try {
      goals = checkGoals(shop, { count: options.tries });
    } finally {
      shop.catalogue.close?.();
    }
  }
  const text =
    problemsText(problems, kinds) +
    (counts === null ? '' : countsText(counts)) +
    (goals === null ? 'The shop does not open: its goals were not tried.\n' : goalsText(goals)) +
    (errors === 0 ? `${shopName(options)}: no errors\n` : `${formatCount(errors)} errors\n`);
  showResult(
    output,
    {
      shop: shopName(options),
      errors,
      kinds: Object.fromEntries(kinds),
      problems,
      counts,
      goals,
    },
    text,
  );
  return errors === 0 ? 0 : 1;
}
