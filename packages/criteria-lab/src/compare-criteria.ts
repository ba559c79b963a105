import {
  InvalidInputError,
  parseInput,
  type BranchingCriterion,
  type RandomKey,
  type Tree,
} from '@spark-rl/core';
import { z } from 'zod';

import { bootstrapSamples, estimate, type Estimate } from './bootstrap.js';
import { criticalRuleSchema, type CriticalRule } from './critical-turns.js';
import type { ImportanceMeasure } from './importance.js';
import { measureCriterion, type CriterionReport } from './measure-criterion.js';
import { noiseCeiling, type NoiseCeiling } from './noise-ceiling.js';
import { measureProbes, turnsOf, type ProbedTask, type ProbedTurn } from './probed-tasks.js';

const optionsSchema = z
  .strictObject({
    maxTurns: z.int().min(1),
    seed: z.array(z.union([z.string(), z.number()])),
    leaves: z.int().min(1).default(8),
    roots: z.int().min(1).default(4),
    importance: z.enum(['variance', 'between-actions']).default('variance'),
    critical: criticalRuleSchema.default({ above: 0.1 }),
    bins: z.int().min(2).default(10),
    splits: z.int().min(1).default(20),
    resamples: z.int().min(0).default(1000),
  })
  .refine(({ leaves, roots }) => roots <= leaves, {
    path: ['roots'],
    error: 'the roots M may not be more than the leaves N',
  });

/** How criteria are compared. */
export interface CompareCriteriaOptions {
  /** The turn limit that the probes were grown with. */
  readonly maxTurns: number;
  /** What the randomness of the criteria, the splits and the intervals starts from. */
  readonly seed: RandomKey;
  /** N of the rollout that the criteria are meant for; 8 by default. */
  readonly leaves?: number | undefined;
  /** M, at most N; 4 by default. N - M leaves are free for forks. */
  readonly roots?: number | undefined;
  /** What is taken for the importance of a turn; `variance` by default. */
  readonly importance?: ImportanceMeasure | undefined;
  /** Which turns count as critical; `{ above: 0.1 }` by default. */
  readonly critical?: CriticalRule | undefined;
  /** Bins of the calibration error; 10 by default. */
  readonly bins?: number | undefined;
  /** How many random halvings the noise ceiling averages over; 20 by default. */
  readonly splits?: number | undefined;
  /** Bootstrap samples of the intervals; 1000 by default. */
  readonly resamples?: number | undefined;
}

/** The importance of all turns with one index. */
export interface ImportanceAtTurn {
  readonly turnIndex: number;
  readonly turns: number;
  /** The mean variance of success. */
  readonly variance: Estimate;
  /** The mean of Var_a[Q], over the turns where it can be told. */
  readonly betweenActions: Estimate;
  readonly critical: number;
}

/** What the lab found. Plain JSON. */
export interface LabReport {
  readonly tasks: number;
  readonly probes: number;
  /** All measured turns. */
  readonly turns: readonly ProbedTurn[];
  /** The share of them that is critical. */
  readonly criticalShare: Estimate;
  readonly byTurn: readonly ImportanceAtTurn[];
  readonly ceiling: NoiseCeiling;
  readonly criteria: readonly CriterionReport[];
}

function mean(values: readonly (number | null)[]): number | null {
  const defined = values.filter((value) => value !== null);
  if (defined.length === 0) return null;
  return defined.reduce((total, value) => total + value, 0) / defined.length;
}

function importanceByTurn(
  tasks: readonly ProbedTask[],
  samples: readonly (readonly ProbedTask[])[],
): ImportanceAtTurn[] {
  const last = Math.max(-1, ...turnsOf(tasks).map(({ turnIndex }) => turnIndex));
  return Array.from({ length: last + 1 }, (_, turnIndex) => {
    const here = (drawn: readonly ProbedTask[]): readonly ProbedTurn[] =>
      turnsOf(drawn).filter((turn) => turn.turnIndex === turnIndex);
    const meanOf = (of: (turn: ProbedTurn) => number | null): Estimate =>
      estimate(tasks, samples, (drawn) => mean(here(drawn).map(of)));
    return {
      turnIndex,
      turns: here(tasks).length,
      variance: meanOf(({ variance }) => variance),
      betweenActions: meanOf(({ betweenActions }) => betweenActions),
      critical: here(tasks).filter(({ critical }) => critical).length,
    };
  });
}

/**
 * Compares branching criteria on probes: how much each turn of their base paths matters, how well that can be known, and how well
 * each criterion finds the turns that matter. The same probes, options and criteria give the same report.
 *
 * @param criteria - run offline on the base paths; what they read of a response must have been recorded (`observer`)
 * @param probes - trees grown with `probeExpansion`; several may be of one task
 * @throws InvalidInputError for wrong options, or when no probe has a turn that was measured
 */
export function compareCriteria(
  criteria: readonly BranchingCriterion[],
  probes: readonly Tree[],
  options: CompareCriteriaOptions,
): LabReport {
  const { maxTurns, seed, leaves, roots, bins, splits, resamples, ...judgement } = parseInput(
    optionsSchema,
    options,
    'options of compareCriteria',
  );
  const tasks = measureProbes(probes, judgement);
  const turns = turnsOf(tasks);
  if (turns.length === 0) {
    throw new InvalidInputError('no turn of the probes was measured', {
      field: 'probes',
      value: probes.length,
      remedy: 'Give trees that were grown with probeExpansion and enough leaves (probeLeaves).',
    });
  }
  const samples = bootstrapSamples(tasks, { seed, resamples });
  return {
    tasks: tasks.length,
    probes: probes.length,
    turns,
    criticalShare: estimate(tasks, samples, (drawn) =>
      mean(turnsOf(drawn).map((turn) => Number(turn.critical))),
    ),
    byTurn: importanceByTurn(tasks, samples),
    ceiling: noiseCeiling(tasks, samples, judgement, { splits, seed }),
    criteria: criteria.map((criterion) =>
      measureCriterion(criterion, tasks, samples, { maxTurns, leaves, roots, seed }, bins),
    ),
  };
}
