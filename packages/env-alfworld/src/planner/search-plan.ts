import type { Game } from '../game.js';
import type { GameState } from '../game-state.js';
import { admissibleCommands, startGame, stepGame } from '../play.js';

interface Visit {
  readonly state: GameState;
  readonly command: string;
  readonly before: Visit | null;
}

/** What a search for a plan came to. */
export type SearchOutcome =
  | { readonly plan: readonly string[]; readonly states: number }
  | { readonly plan: null; readonly states: number; readonly isExhausted: boolean };

/**
 * Searches a game breadth first for commands that win it, whatever its rules are. The plan is a shortest one.
 *
 * @param mostStates - after how many different states to give up
 */
export function searchPlan(game: Game, mostStates = 20_000): SearchOutcome {
  const start = startGame(game).state;
  if (start.isWon) return { plan: [], states: 1 };
  const seen = new Set([keyOf(start)]);
  let frontier: Visit[] = [{ state: start, command: '', before: null }];
  while (frontier.length > 0) {
    const next: Visit[] = [];
    for (const before of frontier) {
      for (const command of admissibleCommands(before.state)) {
        const { state } = stepGame(before.state, command);
        if (state === before.state) continue;
        if (state.isWon) {
          return { plan: pathTo({ state, command, before }), states: seen.size + 1 };
        }
        const key = keyOf(state);
        if (seen.has(key)) continue;
        if (seen.size >= mostStates) return { plan: null, states: seen.size, isExhausted: false };
        seen.add(key);
        next.push({ state, command, before });
      }
    }
    frontier = next;
  }
  return { plan: null, states: seen.size, isExhausted: true };
}

const keyOf = ({ facts }: GameState): string =>
  facts.map(({ tuples }) => tuples.map((tuple) => tuple.join(' ')).join()).join(';');

function pathTo(visit: Visit): readonly string[] {
  const commands: string[] = [];
  for (let at: Visit | null = visit; at.before !== null; at = at.before)
    commands.unshift(at.command);
  return commands;
}
