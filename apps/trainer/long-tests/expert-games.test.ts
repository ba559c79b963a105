import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import {
  compileGame,
  householdExpert,
  HOUSEHOLD_KINDS,
  HOUSEHOLD_SIZES,
  readGameFile,
  startGame,
  stepGame,
  wordingOf,
} from '@spark-rl/env-alfworld';

import { playGenerated, type PlayedGame } from './play-household.js';

const GAMES = Number(process.env['LONG_GAMES'] ?? 2000);
const seed = Number(process.env['LONG_SEED'] ?? 1);

/** How many steps games took: the median, tails, and the shares that end within the limits in use. */
function distribution(played: readonly PlayedGame[]): string {
  const steps = played.map((game) => game.steps).sort((a, b) => a - b);
  const at = (share: number): number =>
    steps[Math.min(steps.length - 1, Math.floor(share * steps.length))]!;
  const within = (limit: number): string =>
    `${((100 * steps.filter((n) => n <= limit).length) / steps.length).toFixed(1)} % within ${limit}`;
  return `${steps.length} games, median ${at(0.5)}, 95 % within ${at(0.95)}, most ${at(1)}; ${within(30)}, ${within(50)}`;
}

const BUCKETS = [
  [6, 8],
  [9, 15],
  [16, 25],
  [26, 35],
  [36, 99],
] as const;

describe.each(HOUSEHOLD_SIZES)(`%s rooms, ${GAMES} games a kind (LONG_SEED=${seed})`, (size) => {
  const all: PlayedGame[] = [];

  it.each(HOUSEHOLD_KINDS)(
    'the expert wins every game of %s, and the omniscient plan is never longer',
    (kind) => {
      const played = Array.from({ length: GAMES }, (_, i) => playGenerated(size, kind, seed, i));
      const name = ({ game }: PlayedGame): string => game.file.name;
      expect(played.filter(({ won }) => !won).map(name)).toEqual([]);
      const longer = played.filter(({ shortest, steps }) => shortest === null || shortest > steps);
      expect(longer.map(name)).toEqual([]);
      console.log(`${size} ${kind}: ${distribution(played)}`);
      all.push(...played);
    },
    1_200_000,
  );

  it('its steps by the number of receptacles', () => {
    expect(all.length).toBe(GAMES * HOUSEHOLD_KINDS.length);
    const lines = BUCKETS.map(([least, most]) => {
      const some = all.filter(({ receptacles }) => receptacles >= least && receptacles <= most);
      return some.length === 0 ? '' : `${least} to ${most} receptacles: ${distribution(some)}\n`;
    });
    console.log(`${size} rooms\n${lines.join('')}all: ${distribution(all)}`);
  });
});

const games = join(__dirname, '..', '..', '..', '..', 'shared', 'data', 'alfworld', 'games');
// Not among them: tw-fixture, whose receptacle names end in a space that every command loses, so that nobody can go anywhere.
const real = existsSync(games)
  ? readdirSync(games).filter((name) => name.endsWith('.tw-pddl') && name !== 'tw-fixture.tw-pddl')
  : [];

describe('real games', () => {
  if (real.length === 0) it.skip('skipped: ../shared/data/alfworld is not there', () => undefined);
  else {
    it.each(real)('the expert wins %s from observations only, whatever its key', async (name) => {
      const game = compileGame(await readGameFile(join(games, name)));
      const wording = wordingOf(game.file);
      for (let key = 0; key < 50; key++) {
        const noise = key % 5 === 0 ? 0 : 0.3;
        const session = householdExpert({ wording, searchNoise: noise, wastedTurns: noise }).begin({
          instruction: game.instruction,
          key: [key],
        });
        let now = startGame(game);
        for (let step = 0; step < 200 && !now.done; step++) {
          now = stepGame(now.state, session.act(now.observation).action);
        }
        expect([key, now.done]).toEqual([key, true]);
      }
    });
  }
});
