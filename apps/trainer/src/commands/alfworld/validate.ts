import { statSync } from 'node:fs';

import { InvalidInputError } from '@spark-rl/core';
import { checkSolvable, compileGame, openGameFolder } from '@spark-rl/env-alfworld';

import { formatCount, startProgress, type Output } from '../../output/progress.js';
import { showResult } from '../../output/result.js';
import { gameAt } from './game-at.js';
import { countBy } from './index-folder.js';

/** A game to check, or a reason not to. */
interface Candidate {
  readonly path: string;
  readonly skipped: string | null;
}

const isDamage = (reason: string): boolean => reason.startsWith('damaged');

async function candidates(path: string): Promise<readonly Candidate[]> {
  if (statSync(path, { throwIfNoEntry: false })?.isFile()) return [{ path, skipped: null }];
  const { root, games, skipped } = await openGameFolder(path, {
    indexFile: false,
    solvable: 'any',
  });
  return [
    ...games.map((game) => ({ path: `${root}/${game.path}`, skipped: null })),
    ...skipped.map((game) => ({ path: `${root}/${game.path}`, skipped: game.reason })),
  ];
}

/** Says how a game can be won, or what is wrong with it. */
async function check(
  path: string,
): Promise<{ readonly by: string } | { readonly problem: string }> {
  try {
    const game = compileGame(await gameAt(path));
    const result = checkSolvable(game);
    return result.by === null ? { problem: `not solvable: ${result.reason}` } : { by: result.by };
  } catch (cause) {
    if (cause instanceof InvalidInputError) return { problem: cause.message };
    throw cause;
  }
}

/**
 * Loads every game of a folder and wins it: by its walkthrough, by a plan, or by a search.
 *
 * @returns 1 when some game is damaged or cannot be won, else 0; games that ALFWorld skips do not count
 */
export async function validateCommand(path: string, output: Output): Promise<number> {
  const all = await candidates(path);
  const toCheck = all.filter(({ skipped }) => skipped === null);
  const problems = all
    .filter(({ skipped }) => skipped !== null && isDamage(skipped))
    .map((game) => ({ path: game.path, problem: game.skipped! }));
  const ways: string[] = [];
  const progress = startProgress(output, 'checking games', toCheck.length);
  for (const [i, game] of toCheck.entries()) {
    const result = await check(game.path);
    if ('by' in result) ways.push(result.by);
    else problems.push({ path: game.path, problem: result.problem });
    progress.update(i + 1);
  }
  progress.stop();
  let text = problems.map(({ path: name, problem }) => `${name}: ${problem}\n`).join('');
  const left = all.filter(({ skipped }) => skipped !== null && !isDamage(skipped));
  const reasons = countBy(left, ({ skipped }) => skipped!);
  for (const [reason, count] of reasons) text += `${formatCount(count)} skipped: ${reason}\n`;
  const counted = countBy(ways, (way) => way);
  const by = counted.map(([way, count]) => `${formatCount(count)} by ${way}`);
  text += `${formatCount(ways.length)} games solvable${by.length === 0 ? '' : ` (${by.join(', ')})`}, ${formatCount(problems.length)} not\n`;
  showResult(
    output,
    {
      solvable: ways.length,
      by: Object.fromEntries(counted),
      problems,
      skipped: Object.fromEntries(reasons),
    },
    text,
  );
  return problems.length === 0 ? 0 : 1;
}
