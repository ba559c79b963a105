import { exploreTag } from '@spark-rl/branching-criteria';
import { leafBudget } from '@spark-rl/budget';
import { randomSource, treeId, type Generation, type Policy, type Task } from '@spark-rl/core';
import { corridor, plainProtocol } from '@spark-rl/core/testing';
import { rolloutTree } from '@spark-rl/tree-rollout';

import { benchRow, type BenchRow } from '../report.js';

const TURNS = 100_000;
const WARM_UP = 20_000;
const LEAVES = 8;
const ROOTS = 4;
const MAX_TURNS = 30;

const response = (text: string): Generation => ({
  text,
  policyVersion: 'bench',
  finish: 'stop',
  promptTokens: Int32Array.of(1),
  responseTokens: Int32Array.of(2, 3),
  logProbs: Float32Array.of(-1, -1),
  cachedPromptTokens: 0,
});
const explore = response('<explore>where</explore><action>wait</action>');
const think = response('<think>go on</think><action>wait</action>');

/** Answers at once; explores in one of ten calls. */
function tenthExplores(): Policy {
  let calls = 0;
  return {
    id: 'bench',
    generate: () => Promise.resolve(calls++ % 10 === 0 ? explore : think),
  };
}

/** So many turns, and the microseconds that each took: of the processor, all threads together, and on the clock. */
interface Stint {
  readonly turns: number;
  readonly processor: number;
  readonly clock: number;
}

/** Works until `turns` turns are done. */
async function stints(turns: number, work: (i: number) => Promise<number>): Promise<Stint[]> {
  const done: Stint[] = [];
  for (let sum = 0, i = 0; sum < turns; i++) {
    const spent = process.cpuUsage();
    const started = performance.now();
    const taken = await work(i);
    const clock = (1000 * (performance.now() - started)) / taken;
    const { user, system } = process.cpuUsage(spent);
    done.push({ turns: taken, processor: (user + system) / taken, clock });
    sum += taken;
  }
  return done;
}

/** The microseconds of the turn in the middle, each turn counted as its stint's mean. */
function medianTurn(done: readonly Stint[], time: 'processor' | 'clock'): number {
  const sorted = [...done].sort((a, b) => a[time] - b[time]);
  let left = sorted.reduce((sum, { turns }) => sum + turns, 0) / 2;
  for (const stint of sorted) {
    left -= stint.turns;
    if (left <= 0) return stint[time];
  }
  throw new RangeError('there are no turns');
}

/** Microseconds that a turn costs in the scheduler, calls included, beside a bare loop that makes the same calls and keeps nothing. */
export async function benchOverhead(): Promise<readonly BenchRow[]> {
  const policy = tenthExplores();
  const environment = corridor({ length: 1000, maxSteps: 1000 });
  const protocol = plainProtocol();
  const brief = { world: '', actions: [] };
  const [task] = environment.tasks({ split: 'train', count: 1 }) as readonly [Task];

  const grow = async (i: number): Promise<number> => {
    const tree = await rolloutTree({
      environment,
      policy,
      protocol,
      brief,
      task,
      treeId: treeId(`bench-${i}`),
      seed: ['bench', i],
      budget: leafBudget({ leaves: LEAVES }),
      criterion: exploreTag(),
      roots: ROOTS,
      maxTurns: MAX_TURNS,
    });
    return tree.turns.size;
  };
  const bare = async (i: number): Promise<number> => {
    const start = await environment.reset(task);
    let { state, observation } = start;
    for (let t = 0; t < MAX_TURNS; t++) {
      const prompt = protocol.prompt({
        brief,
        instruction: start.instruction,
        past: [],
        observation: String(observation),
      });
      const sampling = { temperature: 1, maxTokens: 64 };
      const generation = await policy.generate({
        prompt,
        sampling,
        key: ['bench', i, t],
        affinity: '',
      });
      randomSource(['bench', i, t]);
      const { action } = protocol.parse(generation.text);
      ({ state, observation } = await environment.step(state, action));
    }
    return MAX_TURNS;
  };

  await stints(WARM_UP, grow);
  const trees = await stints(TURNS, grow);
  await stints(WARM_UP, bare);
  const peer = await stints(TURNS, bare);
  const row = (time: 'processor' | 'clock') => ({
    value: medianTurn(trees, time),
    unit: 'us',
    better: 'lower' as const,
    peer: 'bare loop of the same calls',
    peerValue: medianTurn(peer, time),
  });
  console.log(`${trees.length} trees of N = ${LEAVES}, M = ${ROOTS}, B = 2, ${MAX_TURNS} turns`);
  const what = `a turn, median of ${TURNS.toLocaleString('en-US')}`;
  return [
    // The limit holds for the processor's time: the clock also counts what else the machine does.
    benchRow({ metric: `${what}: processor time`, ...row('processor'), limit: 20 }),
    benchRow({ metric: `${what}: on the clock`, ...row('clock') }),
  ];
}
