import {
  drGrpo,
  estimateBatch,
  giGpo,
  leafStatistics,
  maxRl,
  reinforce,
  reinforcePlusPlus,
  reinforcePlusPlusBaseline,
  rlvmr,
  rloo,
  rowStatistics,
  siblingLocal,
  spoEdge,
  treeGrpo,
  treePo,
  treeRl,
  turnDiscounted,
  uniqueNode,
  weightedSum,
  type CopyWeights,
} from '@spark-rl/advantage-normalization';
import { exploreTag, never, randomNodes } from '@spark-rl/branching-criteria';
import { leafBudget } from '@spark-rl/budget';
import { treeId, type AdvantageEstimator, type Tree } from '@spark-rl/core';
import { plainProtocol } from '@spark-rl/core/testing';
import { rolloutTrees } from '@spark-rl/tree-rollout';

import {
  everyTree,
  expectedUpdate,
  policyGradient,
  type World,
} from '../../packages/advantage-normalization/tests/enumerable-world.js';
import {
  banditEnvironment,
  banditGradient,
  banditPolicy,
  banditUpdate,
  BANDIT_TASK,
} from './tree-bandit.js';

/** How many updates are measured, and how many tasks one update sees. */
const UPDATES = 1000;
const TASKS = 8;

/** What 8 chains of 4 turns take. */
const CHAIN_TURNS = 32;

const WEIGHTS = ['reach', 'mean', 'sum'] as const;

type Shape = 'spark' | 'chain' | 'forest';

const growth = {
  spark: { roots: 4, budget: leafBudget({ leaves: 8 }), criterion: exploreTag({ width: 2 }) },
  chain: { roots: 8, budget: leafBudget({ leaves: 8 }), criterion: never() },
  forest: {
    roots: 1,
    budget: leafBudget({ leaves: 4 }),
    criterion: never(),
    expansion: randomNodes({ nodes: 3, rounds: 1 }),
  },
} as const;
const TREES_A_TASK = { spark: 1, chain: 1, forest: 2 };

/** The tasks of one update: for each its trees. */
async function batch(shape: Shape, nth: number): Promise<readonly (readonly Tree[])[]> {
  const each = TREES_A_TASK[shape];
  const trees = await rolloutTrees({
    environment: banditEnvironment,
    policy: banditPolicy,
    protocol: plainProtocol(),
    brief: { world: '', actions: [] },
    ...growth[shape],
    trees: Array.from({ length: TASKS * each }, (_, i) => ({
      task: BANDIT_TASK,
      seed: ['estimators', shape, nth, i],
      treeId: treeId(`${i}`),
    })),
  });
  return Array.from({ length: TASKS }, (_, i) => trees.slice(i * each, (i + 1) * each));
}

const turnwise = { per: 'turn' } as const;
const compared: readonly (readonly [string, Shape, AdvantageEstimator])[] = [
  ['GRPO on chains', 'chain', leafStatistics()],
  ['GRPO over leaves, `mean`', 'spark', leafStatistics()],
  ['GRPO over leaves, `reach`', 'spark', leafStatistics({ weights: 'reach' })],
  ['GRPO over leaves, `sum`', 'spark', leafStatistics({ weights: 'sum' })],
  ['GRPO over rows, `sum`', 'spark', rowStatistics()],
  ['unique nodes', 'spark', uniqueNode()],
  ['sibling-local', 'spark', siblingLocal()],
  [
    'GRPO over leaves + sibling-local',
    'spark',
    weightedSum([
      { estimator: leafStatistics(), factor: 1 },
      { estimator: siblingLocal({ invalidPenalty: 0 }), factor: 1 },
    ]),
  ],
  ['Dr. GRPO', 'spark', drGrpo()],
  ['MaxRL', 'spark', maxRl()],
  ['REINFORCE, baseline 0.25, `reach`', 'spark', reinforce({ baseline: 0.25, weights: 'reach' })],
  ['RLOO', 'spark', rloo()],
  ['RLOO by root, `reach`', 'spark', rloo({ leaveOut: 'root', weights: 'reach' })],
  ['REINFORCE++', 'spark', reinforcePlusPlus(turnwise)],
  ['REINFORCE++ with a baseline', 'spark', reinforcePlusPlusBaseline(turnwise)],
  ['GiGPO', 'spark', giGpo()],
  ['GiGPO on chains', 'chain', giGpo()],
  ['RLVMR (explore rewarded when new)', 'spark', rlvmr()],
  ['turn-level discounted', 'spark', turnDiscounted()],
  ['Tree-GRPO, a tree a root', 'spark', treeGrpo({ tree: 'root' })],
  ['Tree-GRPO on its own trees', 'forest', treeGrpo()],
  ['TreeRL', 'spark', treeRl()],
  ['TreePO', 'spark', treePo(turnwise)],
  ['SPO edges, rloo', 'spark', spoEdge()],
  ['SPO edges, grpo', 'spark', spoEdge({ form: 'grpo' })],
];

type Vector = readonly number[];
const dot = (a: Vector, b: Vector): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
const norm = (a: Vector): number => Math.sqrt(dot(a, a));
const cosine = (a: Vector, b: Vector): number => dot(a, b) / (norm(a) * norm(b));
const meanOf = (vectors: readonly Vector[]): Vector =>
  vectors[0]!.map((_, i) => vectors.reduce((sum, each) => sum + each[i]!, 0) / vectors.length);

/** A row of the table: direction and noise of an estimator's updates. */
function noiseRow(name: string, updates: readonly Vector[], turns: number): string {
  const gradient = banditGradient();
  const mean = meanOf(updates);
  const squares = updates.map((update) => norm(update.map((value, i) => value - mean[i]!)) ** 2);
  const noise = Math.sqrt(squares.reduce((a, b) => a + b, 0) / (updates.length - 1)) / norm(mean);
  const single = updates.reduce((sum, update) => sum + cosine(update, gradient), 0);
  const cells = [
    name,
    cosine(mean, gradient).toFixed(3),
    (single / updates.length).toFixed(3),
    noise.toFixed(2),
    turns.toFixed(1),
    (noise * Math.sqrt(turns / CHAIN_TURNS)).toFixed(2),
  ];
  return `| ${cells.join(' | ')} |`;
}

/** For every estimator, where its update points and how it scatters over seeds; a table in Markdown. */
export async function estimatorNoise(): Promise<string> {
  const updates = new Map<string, Vector[]>(compared.map(([name]) => [name, []]));
  const turns = { spark: 0, chain: 0, forest: 0 };
  for (let nth = 0; nth < UPDATES; nth++) {
    for (const shape of ['spark', 'chain', 'forest'] as const) {
      const groups = await batch(shape, nth);
      for (const tree of groups.flat()) turns[shape] += tree.turns.size / (UPDATES * TASKS);
      for (const [name, on, estimator] of compared) {
        if (on === shape) updates.get(name)!.push(banditUpdate(estimateBatch(estimator, groups)));
      }
    }
  }
  return [
    `| estimator | cosine of the expected update | mean cosine of one update | noise | turns a task | noise at ${CHAIN_TURNS} turns |`,
    '| --- | --: | --: | --: | --: | --: |',
    ...compared.map(([name, shape]) => noiseRow(name, updates.get(name)!, turns[shape])),
  ].join('\n');
}

const worldRewards: Record<string, number> = { ttt: 1, ett: 0.5, tee: 3, eee: -1, tet: 2 };
const world: World = {
  turns: 3,
  roots: 2,
  leaves: 3,
  reward: (path) => worldRewards[path] ?? 0.1 * path.length,
  explores: (state) => ({ '': 0.3, e: 0.6, t: 0.55, et: 0.2, tt: 0.45 })[state] ?? 0.35,
};

/** What the weights of shared turns do to the expected update, exactly: over every tree of a small world; a table in Markdown. */
export function weightBias(): string {
  const reward = ({ score }: { readonly score: number }): number => score;
  const rows: readonly (readonly [string, CopyWeights, AdvantageEstimator])[] = [
    ...WEIGHTS.map(
      (weights) => ['constant', weights, reinforce({ reward, weights, baseline: 1 })] as const,
    ),
    ['other roots', 'reach', rloo({ reward, weights: 'reach', leaveOut: 'root' })],
    ...WEIGHTS.map(
      (weights) =>
        ['group mean', weights, leafStatistics({ reward, weights, std: false })] as const,
    ),
  ];
  const lines = [3, 4, 8].flatMap((leaves) => {
    const grown = { ...world, leaves };
    const trees = everyTree(grown);
    const exact = policyGradient(grown);
    const states = Object.keys(exact);
    const vector = (of: Record<string, number>): Vector => states.map((state) => of[state] ?? 0);
    const total = (of: Vector): number => of.reduce((a, b) => a + b, 0);
    const gradient = vector(exact);
    return rows.map(([baseline, weights, estimator]) => {
      const update = vector(expectedUpdate(grown, trees, estimator));
      const largest = Math.max(...gradient.map(Math.abs));
      const error = Math.max(...update.map((value, i) => Math.abs(value - gradient[i]!))) / largest;
      const length = dot(update, gradient) / dot(gradient, gradient);
      const cells = [
        `N = ${leaves}`,
        baseline,
        `\`${weights}\``,
        error < 1e-9 ? '< 1e-9' : error.toFixed(3),
        length.toFixed(3),
        cosine(update, gradient).toFixed(4),
        (total(update) / total(gradient) / length).toFixed(2),
      ];
      return `| ${cells.join(' | ')} |`;
    });
  });
  return [
    '| budget | baseline | weights | largest error | length | cosine | push on exploring |',
    '| --- | --- | --- | --: | --: | --: | --: |',
    ...lines,
  ].join('\n');
}
