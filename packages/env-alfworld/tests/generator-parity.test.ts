import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { randomSource } from '@spark-rl/core';

import { parseGameFile, type GameFile } from '../src/game-file.js';
import { compileGame } from '../src/game.js';
import { generateGame } from '../src/generator/generate-game.js';
import { HOUSEHOLD_KINDS } from '../src/generator/data/task-sentences.js';
import { HOUSEHOLD_SIZES } from '../src/generator/layout.js';
import { admissibleCommands, startGame, stepGame } from '../src/play.js';

const path = join(__dirname, '../../../../shared/data/alfworld/games/fp14-cool-apple.tw-pddl');
const withData = existsSync(path) ? describe : describe.skip;

/** A long random walk: everything that can be done, and everything that is said. Mostly sensible moves, so that it gets somewhere. */
function randomWalk(file: GameFile, seed: number): readonly unknown[] {
  const random = randomSource(['walk', seed]);
  let { state, observation, done } = startGame(compileGame(file));
  const record: unknown[] = [observation];
  for (let turn = 0; turn < 60 && !done; turn++) {
    const commands = admissibleCommands(state);
    const handy = commands.filter((command) => !/^(go|look|inv|help|close)/.test(command));
    const command = random.pick(handy.length > 0 && random.uniform() < 0.6 ? handy : commands);
    ({ state, observation, done } = stepGame(state, command));
    record.push(commands, command, observation, done);
  }
  return record;
}

withData(
  'generated games under the rules and words of a real game (skipped without shared/data)',
  () => {
    it.each(
      HOUSEHOLD_SIZES.flatMap((size) => HOUSEHOLD_KINDS.map((kind) => [size, kind] as const)),
    )('%s %s: random walks are the same, command by command and word by word', (size, kind) => {
      const real = parseGameFile(readFileSync(path, 'utf8'), path);
      for (let seed = 0; seed < 4; seed++) {
        const { file } = generateGame({ key: ['parity', seed], size, kinds: [kind] });
        const task = /Your task is to: [^"]*/.exec(file.grammar)![0];
        const transplanted: GameFile = {
          ...file,
          domain: real.domain,
          grammar: real.grammar.replace(/Your task is to: [^"]*/, task),
          problem: file.problem.replace('(:domain household)', '(:domain alfred)'),
        };
        expect(randomWalk(file, seed)).toEqual(randomWalk(transplanted, seed));
      }
    });
  },
);
