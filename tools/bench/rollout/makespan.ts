import { exploreTag } from '@spark-rl/branching-criteria';
import { leafBudget } from '@spark-rl/budget';
import { treeId, type Arbiter, type Task } from '@spark-rl/core';
import { plainProtocol } from '@spark-rl/core/testing';
import { rolloutTrees } from '@spark-rl/tree-rollout';

import { benchRow, type BenchRow } from '../report.js';
import { lockStep } from './lock-step.js';
import { simulatedPolicy, type ServerSpeed } from './simulated-policy.js';
import { stragglingWorld, type StepTimes } from './straggling-world.js';
import { virtualClock, type VirtualClock } from './virtual-clock.js';

const SEEDS = 5;
const TASKS = 16;
const LEAVES = 8;
const ROOTS = 4;
const WIDTH = 2;
const MAX_TURNS = 30;

/** Decoding as a mid-size model on one accelerator does it: 20 ms an iteration and 0.1 ms a row; responses around 60 tokens. */
const SERVER: ServerSpeed = { base: 0.02, perRow: 1e-4, tokens: 60, spread: 0.5, explore: 0.2 };
const STEPS: StepTimes = { median: 0.5, spread: 0, slowShare: 0, slowFactor: 1, end: 0.04 };

interface Scenario {
  readonly name: string;
  readonly server: ServerSpeed;
  readonly steps: StepTimes;
  /** How many times faster than lock-step the tree scheduler must be. */
  readonly faster: number;
}

const scenarios: readonly Scenario[] = [
  {
    name: 'straggling environments',
    server: SERVER,
    // A log-normal of the same median, where one step of fifty takes twenty times as long.
    steps: { ...STEPS, spread: 0.5, slowShare: 0.02, slowFactor: 20 },
    faster: 1.5,
  },
  { name: 'no stragglers', server: SERVER, steps: STEPS, faster: 1 },
  {
    name: 'no stragglers, responses equally long',
    server: { ...SERVER, spread: 0 },
    steps: STEPS,
    faster: 1,
  },
];

const pathOrder: Arbiter = { id: 'path-order', order: (requests) => requests };

/** The work of a scenario and a seed on a clock of its own. */
function setUp(scenario: Scenario, seed: number) {
  const clock = virtualClock();
  const environment = stragglingWorld(clock, scenario.steps);
  const tasks = environment.tasks({ split: `s${seed}`, count: TASKS }) as readonly Task[];
  return {
    clock,
    environment,
    policy: simulatedPolicy(clock, scenario.server),
    protocol: plainProtocol(),
    budget: leafBudget({ leaves: LEAVES }),
    tasks,
    seed: ['makespan', seed],
    roots: ROOTS,
    maxTurns: MAX_TURNS,
  };
}

/** Simulated seconds, and every leaf as `task node outcome`. */
interface Grown {
  readonly seconds: number;
  readonly leaves: readonly string[];
}

async function timed(clock: VirtualClock, work: Promise<readonly string[]>): Promise<Grown> {
  const leaves = await clock.run(work);
  return { seconds: clock.now(), leaves: [...leaves].sort() };
}

function byTreeScheduler(scenario: Scenario, seed: number): Promise<Grown> {
  const { clock, tasks, seed: key, ...parts } = setUp(scenario, seed);
  const work = rolloutTrees({
    ...parts,
    brief: { world: '', actions: [] },
    criterion: exploreTag({ width: WIDTH }),
    arbiter: pathOrder,
    trees: tasks.map((task) => ({ task, seed: key, treeId: treeId(task.id) })),
  });
  return timed(
    clock,
    work.then((trees) =>
      trees.flatMap(({ task, leaves }) =>
        leaves.map(({ id, outcome }) => `${task.id} ${id} ${outcome}`),
      ),
    ),
  );
}

function byLockStep(scenario: Scenario, seed: number): Promise<Grown> {
  const { clock, ...parts } = setUp(scenario, seed);
  return timed(clock, lockStep({ ...parts, width: WIDTH }));
}

/** The seed on which the tree scheduler does worst. */
async function worst(scenario: Scenario): Promise<{ readonly own: Grown; readonly peer: Grown }> {
  const pairs: { own: Grown; peer: Grown }[] = [];
  for (let seed = 0; seed < SEEDS; seed++) {
    const own = await byTreeScheduler(scenario, seed);
    const peer = await byLockStep(scenario, seed);
    if (own.leaves.join() !== peer.leaves.join())
      throw new Error(`${scenario.name}, seed ${seed}: the two schedulers grew different trees`);
    pairs.push({ own, peer });
  }
  const ratio = ({ own, peer }: (typeof pairs)[number]): number => own.seconds / peer.seconds;
  return pairs.reduce((a, b) => (ratio(b) > ratio(a) ? b : a));
}

/** Simulated seconds until the trees of all tasks are grown, beside a loop that advances all paths together. */
export async function benchMakespan(): Promise<readonly BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const scenario of scenarios) {
    const { own, peer } = await worst(scenario);
    rows.push(
      benchRow({
        metric: `makespan, ${scenario.name} (simulated, worst of ${SEEDS} seeds)`,
        value: own.seconds,
        unit: 's',
        better: 'lower',
        limit: peer.seconds / scenario.faster,
        peer: 'lock-step',
        peerValue: peer.seconds,
      }),
    );
  }
  return rows;
}
