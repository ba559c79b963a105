import type { AdvantageEstimator } from '@spark-rl/core';

import {
  drGrpo,
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
  type CopyWeights,
  type LeafReward,
} from '../src/index.js';

/** What all estimators understand. */
export interface Common {
  readonly reward: LeafReward;
  readonly invalidPenalty: number;
  readonly weights?: CopyWeights;
}

/** How an estimator answers to a shift and a scaling of all rewards by a positive factor. */
interface Kind {
  readonly make: (common: Common) => AdvantageEstimator;
  /** Whether adding a constant to all rewards changes nothing. */
  readonly shiftFree: boolean;
  /** Whether multiplying all rewards changes nothing, or multiplies the advantages, or neither. */
  readonly scaled: 'nothing' | 'advantages' | 'neither';
  /** Whether rewards must not be negative. */
  readonly positive?: boolean;
}

const exact = { epsilon: 0 };
const white = { whitenEpsilon: 0, per: 'turn' } as const;

/** Every estimator of the package, in a form without anything added to a divisor. */
export const everyEstimator: Readonly<Record<string, Kind>> = {
  'leaf-statistics': {
    make: (o) => leafStatistics({ ...exact, ...o }),
    shiftFree: true,
    scaled: 'nothing',
  },
  'row-statistics': {
    make: (o) => rowStatistics({ ...exact, ...o }),
    shiftFree: true,
    scaled: 'nothing',
  },
  'unique-node': {
    make: (o) => uniqueNode({ ...exact, ...o }),
    shiftFree: true,
    scaled: 'nothing',
  },
  'sibling-local': {
    make: (o) => siblingLocal({ ...exact, ...o }),
    shiftFree: true,
    scaled: 'nothing',
  },
  'dr-grpo': { make: (o) => drGrpo(o), shiftFree: true, scaled: 'advantages' },
  'max-rl': {
    make: (o) => maxRl({ ...exact, ...o }),
    shiftFree: false,
    scaled: 'nothing',
    positive: true,
  },
  reinforce: { make: (o) => reinforce(o), shiftFree: false, scaled: 'advantages' },
  rloo: { make: (o) => rloo(o), shiftFree: true, scaled: 'advantages' },
  'rloo by root': {
    make: (o) => rloo({ ...o, leaveOut: 'root' }),
    shiftFree: true,
    scaled: 'advantages',
  },
  'reinforce-plus-plus': {
    make: (o) => reinforcePlusPlus({ ...white, ...o }),
    shiftFree: true,
    scaled: 'nothing',
  },
  'reinforce-plus-plus-baseline': {
    make: (o) => reinforcePlusPlusBaseline({ ...white, ...o }),
    shiftFree: true,
    scaled: 'nothing',
  },
  gigpo: { make: (o) => giGpo({ ...exact, gamma: 1, ...o }), shiftFree: true, scaled: 'nothing' },
  'gigpo without std': {
    make: (o) => giGpo({ ...exact, std: false, ...o }),
    shiftFree: false,
    scaled: 'advantages',
  },
  'gigpo as published': {
    make: (o) => giGpo({ ...exact, gamma: 1, episode: 'rows', penalise: 'before', ...o }),
    shiftFree: true,
    scaled: 'nothing',
  },
  rlvmr: { make: (o) => rlvmr({ ...exact, ...o }), shiftFree: true, scaled: 'nothing' },
  'turn-discounted': {
    make: (o) => turnDiscounted({ gamma: 1, ...o }),
    shiftFree: true,
    scaled: 'advantages',
  },
  'tree-grpo': {
    make: (o) => treeGrpo({ ...exact, tree: 'root', ...o }),
    shiftFree: true,
    scaled: 'nothing',
  },
  'tree-grpo in two stages': {
    make: (o) => treeGrpo({ ...exact, mode: 'two-stage', tree: 'root', ...o }),
    shiftFree: true,
    scaled: 'nothing',
  },
  'tree-rl': { make: (o) => treeRl(o), shiftFree: true, scaled: 'advantages' },
  'tree-po': { make: (o) => treePo({ ...white, ...o }), shiftFree: true, scaled: 'nothing' },
  'spo-edge': {
    make: (o) => spoEdge({ dropZero: false, ...o }),
    shiftFree: true,
    scaled: 'advantages',
  },
  'spo-edge grpo': {
    make: (o) => spoEdge({ form: 'grpo', dropZero: false, ...exact, ...o }),
    shiftFree: true,
    scaled: 'nothing',
  },
};
