import { exploreTag } from '@spark-rl/branching-criteria';
import { leafBudget } from '@spark-rl/budget';
import { randomSource, taskId, treeId, type Generation, type Policy } from '@spark-rl/core';
import { corridor, plainProtocol } from '@spark-rl/core/testing';
import { rolloutTree } from '@spark-rl/tree-rollout';

import { median, timeRuns } from './measure.js';
import { benchRow, type BenchRow } from './report.js';

const TREES = 300;
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

/** Microseconds that a turn costs in the scheduler, beside a bare loop that makes the same calls and keeps nothing. */
export async function benchRollout(): Promise<readonly BenchRow[]> {
  const policy = tenthExplores();
  const environment = corridor({ length: 1000, maxSteps: 1000 });
  const protocol = plainProtocol();
  const brief = { world: '', actions: [] };
  const [task] = environment.tasks({ split: 'train', count: 1 }) as readonly {
    id: ReturnType<typeof taskId>;
  }[];
  if (task === undefined) throw new Error('the corridor has no task');
  let turns = 0;
  let forks = 0;
  const grow = async (): Promise<void> => {
    turns = 0;
    forks = 0;
    for (let i = 0; i < TREES; i++) {
      const tree = await rolloutTree({
        environment,
        policy,
        protocol,
        brief,
        task: task as never,
        treeId: treeId(`bench-${i}`),
        seed: ['bench', i],
        budget: leafBudget({ leaves: LEAVES }),
        criterion: exploreTag(),
        roots: ROOTS,
        maxTurns: MAX_TURNS,
      });
      turns += tree.turns.size;
      forks += tree.leaves.length - ROOTS;
    }
  };
  const bare = async (): Promise<void> => {
    for (let i = 0; i < TREES * ROOTS; i++) {
      const start = await environment.reset(task as never);
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
        ({ state, observation } = await environment.step(
          state,
          protocol.parse(generation.text).action,
        ));
      }
    }
  };
  const treeTimes = await timeRuns(9, grow);
  console.log(`${turns} turns and ${forks} forks in ${TREES} trees\n`);
  const bareTimes = await timeRuns(9, bare);
  return [
    benchRow({
      metric: `overhead of a turn (${TREES} trees, journal off, synchronous policy and environment)`,
      value: (1000 * median(treeTimes)) / turns,
      unit: 'us/turn',
      better: 'lower',
      peer: 'bare loop of the same calls',
      peerValue: (1000 * median(bareTimes)) / (TREES * ROOTS * MAX_TURNS),
    }),
  ];
}
