import { HOUSEHOLD_KINDS, openGameFolder, type GameFolder } from '@spark-rl/env-alfworld';
import Table from 'cli-table3';

import { formatCount, type Output } from '../../output/progress.js';
import { showResult } from '../../output/result.js';

export interface IndexOptions {
  readonly indexFile?: string;
  readonly solvable: string;
  readonly list: boolean;
}

/** Counts things by a name, most first. */
export function countBy<Item>(
  items: readonly Item[],
  nameOf: (item: Item) => string,
): readonly (readonly [name: string, count: number])[] {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(nameOf(item), (counts.get(nameOf(item)) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
}

/** What is wrong in general: the reason up to its colon, so that damages of all sorts are counted together. */
const sortOf = (reason: string): string => reason.split(': ', 1)[0]!;

function table(folder: GameFolder): string {
  const splits = [...new Set(folder.games.map(({ split }) => split))].sort();
  const rows = new Table({
    head: ['kind', ...splits.map((split) => split || '(root)'), 'all'],
    style: { head: [], border: [] },
  });
  const kinds = [...HOUSEHOLD_KINDS, null].filter((kind) =>
    folder.games.some((game) => game.kind === kind),
  );
  const count = (of: readonly { readonly split: string }[]): string[] => [
    ...splits.map((split) => formatCount(of.filter((game) => game.split === split).length)),
    formatCount(of.length),
  ];
  for (const kind of kinds) {
    rows.push([kind ?? 'unknown', ...count(folder.games.filter((game) => game.kind === kind))]);
  }
  rows.push(['all', ...count(folder.games)]);
  return rows.toString();
}

/** Opens a folder of games, brings its index up to date, and tells what is in it. */
export async function indexCommand(
  path: string,
  options: IndexOptions,
  output: Output,
): Promise<number> {
  const started = performance.now();
  const folder = await openGameFolder(path, {
    ...(options.indexFile === undefined ? {} : { indexFile: options.indexFile }),
    solvable: options.solvable === 'any' ? 'any' : 'marked',
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(2);
  const { games, skipped, index } = folder;
  let text = `${table(folder)}\n\n`;
  for (const [reason, count] of countBy(skipped, ({ reason }) => sortOf(reason))) {
    text += `${formatCount(count)} skipped: ${reason}\n`;
  }
  // The usual sorts of skipped games number in the thousands; what is broken is always named.
  const named = options.list
    ? skipped
    : skipped.filter(({ reason }) => reason.startsWith('damaged'));
  for (const { path: game, reason } of named) text += `  ${game}: ${reason}\n`;
  text +=
    `${formatCount(games.length)} games, ${formatCount(skipped.length)} skipped, in ${seconds} s: ` +
    `${formatCount(index.read)} read, the others known from the index${index.refused === null ? '' : ` (read anew: ${index.refused})`}\n`;
  if (index.unwritten !== null) text += `The index could not be stored: ${index.unwritten}\n`;
  showResult(output, { root: folder.root, games, skipped, index }, text);
  return 0;
}
