// Grows the trees of so many tasks at once and prints, as JSON, what they hold of the heap. Needs --expose-gc.
import { exploreTag } from '@spark-rl/branching-criteria';
import { leafBudget } from '@spark-rl/budget';
import { treeId, type Generation, type Task } from '@spark-rl/core';
import { corridor, plainProtocol } from '@spark-rl/core/testing';
import { rolloutTrees } from '@spark-rl/tree-rollout';

import type { MemoryReport } from './memory.js';

const LEAVES = 4;
const ROOTS = 2;
const MAX_TURNS = 12;
const TOKENS = 8;

/** A response of its own for every call, as a real policy gives. */
const response = (calls: number): Generation => ({
  text: `<${calls % 10 === 0 ? 'explore' : 'think'}>call ${calls}</${calls % 10 === 0 ? 'explore' : 'think'}><action>wait</action>`,
  policyVersion: 'bench',
  finish: 'stop',
  promptTokens: new Int32Array(TOKENS),
  responseTokens: new Int32Array(TOKENS),
  logProbs: new Float32Array(TOKENS),
  cachedPromptTokens: 0,
});

function held(): number {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const count = Number(process.argv[2]);
const environment = corridor({ length: 1000, maxSteps: 1000 });
const tasks = environment.tasks({ split: 'train', count }) as readonly Task[];
let calls = 0;
let steps = 0;
let halfWay = 0;
const halfSteps = (count * ROOTS * MAX_TURNS) / 2;
const before = held();
const trees = await rolloutTrees({
  environment: {
    ...environment,
    step: (state, action) => {
      steps++;
      if (steps === halfSteps) halfWay = held();
      return environment.step(state, action);
    },
  },
  policy: { id: 'bench', generate: () => Promise.resolve(response(calls++)) },
  protocol: plainProtocol(),
  brief: { world: '', actions: [] },
  budget: leafBudget({ leaves: LEAVES }),
  criterion: exploreTag(),
  roots: ROOTS,
  maxTurns: MAX_TURNS,
  trees: tasks.map((task) => ({ task, seed: ['memory'], treeId: treeId(task.id) })),
});
const turns = trees.reduce((sum, tree) => sum + tree.turns.size, 0);
const report: MemoryReport = {
  tasks: count,
  turns,
  bytesPerTurn: (held() - before) / turns,
  bytesPerTurnHalfWay: (halfWay - before) / halfSteps,
};
// The trees must be alive until here.
if (trees.length !== count) throw new Error(`${trees.length} trees of ${count}`);
console.log(JSON.stringify(report));
