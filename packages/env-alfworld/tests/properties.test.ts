import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { randomSource } from '@spark-rl/core';
import fc from 'fast-check';

import { parseGameFile } from '../src/game-file.js';
import { compileGame, type Game } from '../src/game.js';
import type { GameState } from '../src/game-state.js';
import { HOUSEHOLD_KINDS } from '../src/generator/data/task-sentences.js';
import { generateGame } from '../src/generator/generate-game.js';
import { admissibleCommands, startGame, stepGame } from '../src/play.js';

const real = join(
  __dirname,
  '../../../../shared/data/alfworld/games/fp14-heat-potato-v213.tw-pddl',
);

const games: [string, Game][] = [
  ['a small room', compileGame(generateGame({ key: ['properties', 1] }).file)],
  [
    'a full kitchen',
    compileGame(
      generateGame({
        key: ['properties', 2],
        size: 'full',
        kinds: ['pick_heat_then_place_in_recep'],
      }).file,
    ),
  ],
];
if (existsSync(real)) {
  games.push(['a real kitchen', compileGame(parseGameFile(readFileSync(real, 'utf8'), real))]);
}

/** All that a state answers, to every command it has and to some it has not. */
const answers = (state: GameState, some: readonly string[]): unknown => {
  const commands = admissibleCommands(state);
  return [
    commands,
    state.isWon,
    [...some, 'look', 'inventory', 'dance'].map((command) => {
      const { observation, score, done } = stepGame(state, command);
      return [command, observation, score, done];
    }),
  ];
};

describe.each(games)('in %s', (_name, game) => {
  it('old states answer as before after 1,000 forks', () => {
    const random = randomSource(['forks']);
    const trunk: GameState[] = [startGame(game).state];
    while (trunk.length < 20) {
      const state = trunk.at(-1)!;
      trunk.push(stepGame(state, random.pick(admissibleCommands(state))).state);
    }
    const some = trunk.map((state) => random.pick(admissibleCommands(state)));
    const before = JSON.stringify(trunk.map((state) => answers(state, some)));
    for (let fork = 0; fork < 1000; fork++) {
      let state = random.pick(trunk);
      for (let step = 0; step < 8; step++) {
        ({ state } = stepGame(state, random.pick(admissibleCommands(state))));
      }
    }
    expect(JSON.stringify(trunk.map((state) => answers(state, some)))).toBe(before);
    // Nor does it matter whether a state has been asked before: the same walk anew answers the same.
    let anew = startGame(game).state;
    const replay = randomSource(['forks']);
    const path = [anew];
    while (path.length < 20) {
      anew = stepGame(anew, replay.pick(admissibleCommands(anew))).state;
      path.push(anew);
    }
    expect(JSON.stringify(path.map((state) => answers(state, some)))).toBe(before);
  });

  it('what is admissible is accepted, and nothing else is', () => {
    const everything = new Set<string>();
    fc.assert(
      fc.property(fc.array(fc.nat(10_000), { maxLength: 30 }), fc.nat(), (choices, pick) => {
        let { state } = startGame(game);
        for (const choice of choices) {
          const commands = admissibleCommands(state);
          commands.forEach((command) => everything.add(command));
          ({ state } = stepGame(state, commands[choice % commands.length]!));
        }
        const commands = admissibleCommands(state);
        expect(new Set(commands).size).toBe(commands.length);
        for (const command of commands) {
          expect(stepGame(state, command).observation).not.toBe('Nothing happens.');
        }
        const random = randomSource(['others', pick]);
        const others = [...everything].filter((command) => !commands.includes(command));
        for (const command of random.shuffle(others).slice(0, 20)) {
          const next = stepGame(state, command);
          expect([next.observation, next.state === state]).toEqual(['Nothing happens.', true]);
        }
      }),
      { numRuns: 40 },
    );
    expect(everything.size).toBeGreaterThan(20);
  });
});

describe('every kind of generated game', () => {
  it.each(HOUSEHOLD_KINDS)('%s: a win scores 1 and ends, all else scores 0', (kind) => {
    const { file } = generateGame({ key: ['score'], kinds: [kind] });
    let now = startGame(compileGame(file));
    const scores = file.walkthrough!.map((command) => {
      now = stepGame(now.state, command);
      return [now.score, now.done];
    });
    expect(scores.at(-1)).toEqual([1, true]);
    expect(new Set(scores.slice(0, -1).map(String))).toEqual(new Set(['0,false']));
  });
});
