import { existsSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { randomSource } from '@spark-rl/core';
import {
  admissibleCommands,
  compileGame,
  formatGameFile,
  generateGame,
  parseGameFile,
  readGameFile,
  startGame,
  stepGame,
  type GameFile,
  type GameState,
} from '@spark-rl/env-alfworld';

import { median, timeRuns } from './measure.js';
import { benchRow, type BenchRow } from './report.js';

const STEPS = 5000;
const FORKS = 10_000;
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

/** CPU time of one run in milliseconds, the collector's included, the mean of `runs`: other work on the machine does not count. */
function cpuMilliseconds(runs: number, work: () => unknown): number {
  work();
  const before = process.cpuUsage();
  for (let i = 0; i < runs; i++) work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / runs;
}

/** Runs the collector to the end, as node --expose-gc lets one. */
function collectGarbage(): void {
  setFlagsFromString('--expose_gc');
  (runInNewContext('gc') as () => void)();
}

/** How much the heap grows by states that are kept alive: each one command after a state of a random walk, all walks from one start. */
function forkedStatesSize(file: GameFile): number {
  const random = randomSource(['bench', 'alfworld', 'forks']);
  const { state: root } = startGame(compileGame(file));
  admissibleCommands(root);
  const states: GameState[] = [];
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  while (states.length < FORKS) {
    let state = root;
    // Branches of an episode's length, so that states are far from the root, too.
    for (let step = 0; step < 50 && states.length < FORKS; step++) {
      const next = stepGame(state, random.pick(admissibleCommands(state)));
      if (next.done) break;
      if (next.state !== state) states.push(next.state);
      state = next.state;
    }
  }
  collectGarbage();
  const bytes = process.memoryUsage().heapUsed - before;
  if (states.length !== FORKS) throw new Error('the states were not kept');
  return bytes;
}

/** Steps per second with the admissible list at every step, the time to load one game, and the size of forked states. */
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
  const bytes = forkedStatesSize(file);
  const text = formatGameFile(file);
  const load = cpuMilliseconds(100, () => startGame(compileGame(parseGameFile(text, name))));
  return [
    benchRow({
      metric: `steps per second with the admissible list, ${name}`,
      value: stepsPerSecond,
      unit: 'steps/s',
      better: 'higher',
      // Recorded on 2 cores on the same kitchen; the original needs Python and a planner, so it does not run here.
      peer: 'original ALFWorld (TextWorld 1.7, recorded)',
      peerValue: 4.8,
      limit: 20_000,
    }),
    benchRow({
      metric: `read, compile and start one game (CPU time), ${name}`,
      value: load,
      unit: 'ms',
      better: 'lower',
      peer: 'original ALFWorld (load and reset, recorded)',
      peerValue: 1800,
      limit: 10,
    }),
    benchRow({
      metric: `heap of ${FORKS.toLocaleString('en-US')} forked states, all different, ${name}`,
      value: bytes / 1e6,
      unit: 'MB',
      better: 'lower',
      // Its states live in one C++ planner: to fork is to hold another environment (89 MB of process each, recorded).
      peer: 'original ALFWorld, one environment each (recorded)',
      peerValue: FORKS * 89,
      limit: 50,
    }),
  ];
}
