import { sparkProtocol } from '@spark-rl/agent-protocol';
import { exploreTag } from '@spark-rl/branching-criteria';
import { leafBudget } from '@spark-rl/budget';
import { randomSource, textPolicy, treeId, type Task } from '@spark-rl/core';
import { environmentChecks } from '@spark-rl/core/testing';
import { rolloutTrees } from '@spark-rl/tree-rollout';

import { brief, guessing } from './environment.js';

// Any function from a prompt to a response is a policy: call a model here. This one halves a short range, and says that it is
// unsure while the range is long; equal keys must give equal responses.
const policy = textPolicy('halving', (prompt, { key }) => {
  const [low = 1, high = 100] = [...prompt.matchAll(/between (\d+) and (\d+)/g)]
    .at(-1)!
    .slice(1)
    .map(Number);
  if (high - low < 20) return `<think>Halve it.</think><action>guess ${(low + high) >> 1}</action>`;
  const guess = low + randomSource(key).integer(high - low + 1);
  return `<explore>It could be anywhere.</explore><action>guess ${guess}</action>`;
});

// Does the world keep the contract? Determinism, purity of step, JSON tasks, and so on; each check is a test for any framework.
for (const { name, run } of environmentChecks({
  make: () => guessing,
  query: { split: 'train', count: 3 },
  actions: () => ['guess 50', 'guess 3', 'look around'],
  solve: ({ data }) => [`guess ${String(data)}`],
})) {
  await run();
  console.log(`kept: ${name}`);
}

// SPARK's rollout: 4 roots, forks of 2 where the policy explores, at most 8 leaves.
const tasks = guessing.tasks({ split: 'train', count: 4 }) as Task[];
const trees = await rolloutTrees({
  environment: guessing,
  policy,
  protocol: sparkProtocol({ form: 'messages' }),
  brief,
  budget: leafBudget({ leaves: 8 }),
  criterion: exploreTag({ width: 2 }),
  trees: tasks.map((task) => ({ task, treeId: treeId(task.id), seed: ['example', 1] })),
});
for (const { task, leaves, turns } of trees) {
  const found = leaves.filter(({ outcome }) => outcome === 'success').length;
  console.log(`${task.id}: ${leaves.length} leaves, ${turns.size} turns, ${found} found it`);
}
