import type { Game } from '../game.js';
import { startGame, stepGame } from '../play.js';
import { searchPlan } from './search-plan.js';
import { shortestPlan } from './shortest-plan.js';

/** How a game was found to be solvable, or why not. */
export type Solvability =
  | { readonly by: 'walkthrough' | 'plan' | 'search'; readonly commands: readonly string[] }
  | { readonly by: null; readonly reason: string };

/**
 * Whether a game can be won: by its own walkthrough; else by the shortest plan for the six forms of goals; else by searching its
 * states. Whatever is claimed has been played through to the win.
 *
 * @param mostStates - how far to search
 */
export function checkSolvable(game: Game, mostStates = 20_000): Solvability {
  const { walkthrough } = game.file;
  if (walkthrough && wins(game, walkthrough)) return { by: 'walkthrough', commands: walkthrough };
  const plan = shortestPlan(game);
  if (plan !== null && wins(game, plan)) return { by: 'plan', commands: plan };
  const found = searchPlan(game, mostStates);
  if (found.plan !== null) return { by: 'search', commands: found.plan };
  const broken = walkthrough ? 'its walkthrough does not win, and ' : '';
  return {
    by: null,
    reason: `${broken}${found.isExhausted ? `none of its ${found.states} states is won` : `no win was found in ${found.states} states`}`,
  };
}

function wins(game: Game, commands: readonly string[]): boolean {
  let now = startGame(game);
  for (const command of commands) {
    if (now.done) return true;
    now = stepGame(now.state, command);
  }
  return now.done;
}
