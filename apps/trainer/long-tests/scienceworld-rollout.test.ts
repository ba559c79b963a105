import { readFileSync } from 'node:fs';

import { exploreTag } from '@spark-rl/branching-criteria';
import { leafBudget } from '@spark-rl/budget';
import { completedLeaves, type Task } from '@spark-rl/core';
import { plainProtocol, scriptedPolicy } from '@spark-rl/core/testing';
import {
  openSimulators,
  scienceworldBrief,
  scienceworldEnvironment,
} from '@spark-rl/env-scienceworld';
import { rolloutTrees } from '@spark-rl/tree-rollout';

const seed = Number(process.env['LONG_SEED'] ?? 1);
const turns = Number(process.env['LONG_TURNS'] ?? 30);
const TASKS = 16;
const LEAVES = 8;
const jar = process.env['SCIENCEWORLD_JAR'];

const PLACES = ['kitchen', 'outside', 'workshop', 'greenhouse', 'bathroom', 'living room'];
const ACTIONS = [
  'look around',
  'inventory',
  'wait1',
  'open cupboard',
  'open door',
  '0',
  'examine table',
];

/** Wanders about, explores in a quarter of its turns, and sometimes spoils its task. */
const wanderer = scriptedPolicy(({ random }) => {
  const mode = random.uniform() < 0.25 ? 'explore' : 'think';
  const draw = random.uniform();
  const action =
    draw < 0.02
      ? 'focus on air'
      : draw < 0.4
        ? `teleport to ${random.pick(PLACES)}`
        : random.pick(ACTIONS);
  return `<${mode}>r</${mode}>\n<action>${action}</action>`;
});

/** Memory of this process and its children now, MB. Linux only; elsewhere 0. */
function memoryInUse(): number {
  try {
    const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8');
    return ['self', ...children.trim().split(' ').filter(Boolean)]
      .map((pid) => {
        const found = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
        return Number(found?.[1] ?? 0) / 1024;
      })
      .reduce((sum, each) => sum + each, 0);
  } catch {
    return 0;
  }
}

let onEnd: (() => Promise<void>) | undefined;
afterEach(() => onEnd?.());

(jar === undefined ? it.skip : it)(
  `grows ${TASKS} trees of ${LEAVES} leaves in the real simulator, every replay verified (LONG_SEED=${seed})${jar === undefined ? ' (SCIENCEWORLD_JAR does not name a scienceworld.jar)' : ''}`,
  async () => {
    const free = process.availableMemory() / 1e6;
    const pool = await openSimulators({ requestMs: 300_000, startMs: 300_000, loadMs: 600_000 });
    const environment = scienceworldEnvironment({ launch: pool.launch, capacity: pool.capacity });
    onEnd = async () => {
      await environment.close();
      await pool.close();
    };
    const tasks = environment.tasks({ split: 'train', count: TASKS, seed }) as readonly Task[];
    expect(tasks).toHaveLength(TASKS);
    let peak = 0;
    const watch = setInterval(() => (peak = Math.max(peak, memoryInUse())), 500).unref();
    const began = performance.now();
    const trees = await rolloutTrees({
      trees: tasks.map((task) => ({ task, seed: ['rollout', seed, task.id] })),
      environment,
      policy: wanderer,
      protocol: plainProtocol(),
      brief: scienceworldBrief(),
      budget: leafBudget({ leaves: LEAVES }),
      criterion: exploreTag({ width: 2 }),
      roots: 4,
      maxTurns: turns,
      retries: 0,
      // Waiting for a simulator counts, too.
      timeouts: { environment: 3_600_000 },
    });
    const seconds = (performance.now() - began) / 1000;
    clearInterval(watch);
    const { launched, replayedActions, resets } = environment.stats();
    const all = trees.reduce((sum, tree) => sum + tree.turns.size, 0);
    const leaves = trees.reduce((sum, tree) => sum + completedLeaves(tree).length, 0);
    console.log(
      `${TASKS} trees, ${leaves} leaves, ${all} turns of at most ${turns} a path in ${seconds.toFixed(0)} s; ` +
        `${launched} simulators of a capacity of ${pool.capacity}, ${resets} resets, ${replayedActions} actions replayed; ` +
        `at most ${peak.toFixed(0)} MB of ${free.toFixed(0)} MB free`,
    );
    expect(trees.map((tree) => tree.account.failed)).toEqual(trees.map(() => 0));
    expect(leaves).toBeGreaterThan(TASKS * 4);
    expect(launched).toBeLessThanOrEqual(pool.capacity);
    expect(replayedActions).toBeGreaterThan(0);
    expect(peak).toBeLessThan(free);
  },
  3_600_000,
);
