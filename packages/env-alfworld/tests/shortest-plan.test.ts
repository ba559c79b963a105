import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { householdExpert } from '../src/expert/household-expert.js';
import { parseGameFile } from '../src/game-file.js';
import { compileGame, type Game } from '../src/game.js';
import { HOUSEHOLD_KINDS } from '../src/generator/data/task-sentences.js';
import { generateGame } from '../src/generator/generate-game.js';
import { HOUSEHOLD_SIZES } from '../src/generator/layout.js';
import { checkSolvable } from '../src/planner/check-solvable.js';
import { searchPlan } from '../src/planner/search-plan.js';
import { shortestPlan } from '../src/planner/shortest-plan.js';
import { startGame, stepGame } from '../src/play.js';
import { cellar, cellarProblem } from './cellar.js';

/** Whether the last of the commands wins, and none before it. */
function winsAtTheEnd(game: Game, commands: readonly string[]): boolean {
  let now = startGame(game);
  for (const command of commands) {
    if (now.done) return false;
    now = stepGame(now.state, command);
  }
  return now.done;
}

function expertSteps(game: Game): number {
  let now = startGame(game);
  const session = householdExpert().begin({ instruction: game.instruction, key: [1] });
  let steps = 0;
  for (; !now.done && steps < 200; steps++) {
    now = stepGame(now.state, session.act(now.observation).action);
  }
  return steps;
}

describe('the omniscient plan', () => {
  for (const size of HOUSEHOLD_SIZES) {
    it.each(HOUSEHOLD_KINDS)(
      `wins ${size} %s with its last command, in no more steps than the walkthrough or the expert`,
      (kind) => {
        for (let seed = 0; seed < 25; seed++) {
          const { file } = generateGame({ key: ['plan', seed], size, kinds: [kind] });
          const game = compileGame(file);
          const plan = shortestPlan(game)!;
          expect(winsAtTheEnd(game, plan)).toBe(true);
          expect(plan.length).toBeLessThanOrEqual(file.walkthrough!.length);
          expect(plan.length).toBeLessThanOrEqual(expertSteps(game));
        }
      },
    );
  }

  it('is as short as a search of all states finds it', () => {
    let compared = 0;
    for (let seed = 0; seed < 12; seed++) {
      const { file } = generateGame({
        key: ['search', seed],
        kinds: ['pick_and_place_simple', 'look_at_obj_in_light', 'pick_clean_then_place_in_recep'],
      });
      const game = compileGame(file);
      const plan = shortestPlan(game)!;
      if (plan.length > 5) continue;
      const { plan: found } = searchPlan(game, 4000);
      if (found === null) continue;
      expect(found.length).toBe(plan.length);
      compared++;
    }
    expect(compared).toBeGreaterThan(4);
  });

  it('is nothing for a goal that holds already or that it cannot read', () => {
    const problem = cellarProblem.replace(
      '(on box_bar_1',
      '(on jar_bar_2 chest_bar_a) (on box_bar_1',
    );
    expect(shortestPlan(cellar({ problem }))).toEqual([]);
    expect(shortestPlan(cellar())).toBeNull();
  });
});

describe('whether a game can be won', () => {
  const open = cellarProblem.replace('(forall (?s - shelf) (not (ajar ?s)))', '');

  it('is known from its walkthrough, its plan, or a search', () => {
    const { file } = generateGame({ key: [1] });
    expect(checkSolvable(compileGame(file)).by).toBe('walkthrough');
    expect(checkSolvable(compileGame({ ...file, walkthrough: ['look'] })).by).toBe('plan');
    expect(checkSolvable(compileGame({ ...file, walkthrough: null })).by).toBe('plan');
    const found = checkSolvable(cellar({ problem: open }));
    expect(found.by).toBe('search');
    expect(found.by !== null && winsAtTheEnd(cellar({ problem: open }), found.commands)).toBe(true);
  });

  it('is denied with the reason', () => {
    // Nobody can close a lid but with the box in hand, and the box is not a jar.
    const problem = cellarProblem.replaceAll('(takes chest_bar_a glass)', '');
    expect(checkSolvable(cellar({ problem }))).toEqual({
      by: null,
      reason: expect.stringMatching(/^none of its \d+ states is won$/) as string,
    });
    expect(checkSolvable(cellar({ problem }), 5)).toEqual({
      by: null,
      reason: 'no win was found in 5 states',
    });
  });
});

const games = join(__dirname, '../../../../shared/data/alfworld/games');
const withGames = existsSync(games) ? describe : describe.skip;
withGames('the omniscient plan in real games (skipped without shared/data)', () => {
  it.each(['fp14-cool-apple', 'fp14-heat-potato-v213', 'fp14-heat-potato-v211'])(
    'wins %s',
    (name) => {
      const file = parseGameFile(readFileSync(join(games, `${name}.tw-pddl`), 'utf8'), name);
      const game = compileGame(file);
      const plan = shortestPlan(game)!;
      expect(winsAtTheEnd(game, plan)).toBe(true);
      expect(plan.length).toBeLessThanOrEqual(8);
    },
  );
});
