import {
  compileGame,
  generateGame,
  householdExpert,
  shortestPlan,
  startGame,
  stepGame,
  type Game,
  type GeneratedGame,
  type HouseholdKind,
  type HouseholdSize,
} from '@spark-rl/env-alfworld';

/** Enough for every room; far more than any game has needed. */
const MOST_STEPS = 400;

/** One generated game, as the expert and the omniscient plan went through it. */
export interface PlayedGame {
  readonly game: GeneratedGame;
  readonly won: boolean;
  readonly steps: number;
  /** The omniscient plan's; null where there was none, which no generated game has shown. */
  readonly shortest: number | null;
  readonly receptacles: number;
  readonly objects: number;
}

/** How many steps the expert takes to win a game; null when it does not. */
export function expertSteps(game: Game, key: number): number | null {
  let now = startGame(game);
  const session = householdExpert().begin({ instruction: game.instruction, key: [key] });
  for (let steps = 0; steps <= MOST_STEPS; steps++) {
    if (now.done) return steps;
    now = stepGame(now.state, session.act(now.observation).action);
  }
  return null;
}

const count = (text: string, pattern: RegExp): number => (text.match(pattern) ?? []).length;

/** Generates a game and plays it through. */
export function playGenerated(
  size: HouseholdSize,
  kind: HouseholdKind,
  seed: number,
  index: number,
): PlayedGame {
  const generated = generateGame({ key: ['expert games', seed, index], size, kinds: [kind] });
  const game = compileGame(generated.file);
  const steps = expertSteps(game, index);
  return {
    game: generated,
    won: steps !== null,
    steps: steps ?? MOST_STEPS,
    shortest: shortestPlan(game)?.length ?? null,
    receptacles: count(generated.file.problem, /\(receptacleAtLocation \w/g),
    objects: count(generated.file.problem, /\(objectType \w/g),
  };
}
