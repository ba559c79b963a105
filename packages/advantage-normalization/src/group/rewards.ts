import type { Leaf } from '@spark-rl/core';

/** What a leaf earned; a finite number. */
export type LeafReward = (leaf: Leaf) => number;

/** 1 for success, 0 for anything else. */
export const successReward: LeafReward = (leaf) => (leaf.outcome === 'success' ? 1 : 0);

/** 10 for success, 0 for anything else, as the published code of SPARK has it. */
export const referenceCodeReward: LeafReward = (leaf) => 10 * successReward(leaf);

/** The environment's own score at the end of the path. */
export const environmentScore: LeafReward = (leaf) => leaf.score;
