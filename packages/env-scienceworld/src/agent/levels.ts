import type { SimulatorSplit } from '../bridge/splits.js';

/**
 * Levels of generalisation, after RLVMR (arXiv 2507.22844): L0 seen variations of seen tasks, L1 unseen variations of seen tasks,
 * L2 unseen variations of tasks that training never saw. `L-train` is what to train on; it has the tasks of L0.
 */
export const SCIENCEWORLD_LEVELS = ['L-train', 'L0', 'L1', 'L2'] as const;

/** The splits that tasks can be listed by. */
export const SCIENCEWORLD_SPLITS = ['train', 'dev', 'test', 'all', ...SCIENCEWORLD_LEVELS] as const;
export type ScienceworldSplit = (typeof SCIENCEWORLD_SPLITS)[number];

/**
 * What L2 holds out where nothing else is said: chemistry (6) and life spans (7), whose gold paths mostly fit into 30 actions, so
 * that the level can be passed. The lists that RLVMR and SPARK used are not published.
 */
export const HELD_OUT_TASKS: readonly string[] = ['6', '7'];

/** What a split consists of: a variation split, or every variation, of tasks that are held out, that are not, or of both. */
export interface SplitRule {
  readonly variations: SimulatorSplit | 'all';
  /** Null when it does not matter. */
  readonly heldOut: boolean | null;
}

const RULES: Readonly<Record<ScienceworldSplit, SplitRule>> = {
  train: { variations: 'train', heldOut: null },
  dev: { variations: 'dev', heldOut: null },
  test: { variations: 'test', heldOut: null },
  all: { variations: 'all', heldOut: null },
  'L-train': { variations: 'train', heldOut: false },
  L0: { variations: 'train', heldOut: false },
  L1: { variations: 'test', heldOut: false },
  L2: { variations: 'test', heldOut: true },
};

/** The rule of a split. */
export const splitRule = (split: ScienceworldSplit): SplitRule => RULES[split];
