import { existsSync } from 'node:fs';

import { randomSource } from '@spark-rl/core';
import {
  admissibleCommands,
  compileGame,
  generateGame,
  readGameFile,
  startGame,
  stepGame,
  type GameFile,
} from '@spark-rl/env-alfworld';

import { median, timeRuns } from './measure.js';
import { benchRow, type BenchRow } from './report.js';

const STEPS = 5000;
/** A real kitchen (FloorPlan14, 20 receptacles, 53 objects), where the recordings are beside the repository. */
const REAL_KITCHEN = new URL(
  '../../../shared/data/alfworld/games/fp14-heat-potato-v213.tw-pddl',
  import.meta.url,
).pathname;

async function kitchen(): Promise<{ readonly name: string; readonly file: GameFile }> {
  if (existsSync(REAL_KITCHEN))
    return { name: 'real kitchen', file: await readGameFile(REAL_KITCHEN) };
  console.log('the real kitchen of ../shared/data is absent: measuring a generated full kitchen\n');
  return {
    name: 'generated kitchen',
    file: generateGame({
      key: ['bench', 'alfworld'],
      size: 'full',
      kinds: ['pick_heat_then_place_in_recep'],
    }).file,
  };
}

/** Steps per second with the admissible list at every step, and the time to load one game. */
export async function benchAlfworld(): Promise<readonly BenchRow[]> {
  const { name, file } = await kitchen();
  const game = compileGame(file);
  const walk = (): void => {
    const random = randomSource(['bench', 'alfworld']);
    let { state } = startGame(game);
    for (let step = 0; step < STEPS; step++) {
      const next = stepGame(state, random.pick(admissibleCommands(state)));
      state = next.done ? startGame(game).state : next.state;
    }
  };
  const stepsPerSecond = (STEPS * 1000) / median(await timeRuns(5, walk));
  const loads = await timeRuns(9, () =>
    startGame(compileGame({ ...file, problem: `${file.problem}\n` })),
  );
  return [
    benchRow({
      metric: `steps per second with the admissible list, ${name}`,
      value: stepsPerSecond,
      unit: 'steps/s',
      better: 'higher',
      // Recorded on 2 cores on the same kitchen; the original needs Python and a planner, so it does not run here.
      peer: 'original ALFWorld (TextWorld 1.7, recorded)',
      peerValue: 4.8,
    }),
    benchRow({
      metric: `load and start one game, ${name}`,
      value: median(loads),
      unit: 'ms',
      better: 'lower',
      peer: 'original ALFWorld (load and reset, recorded)',
      peerValue: 1800,
    }),
  ];
}
