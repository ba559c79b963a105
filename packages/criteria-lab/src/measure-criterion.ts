import type { BranchingCriterion } from '@spark-rl/core';

import { auroc } from './auroc.js';
import { estimate, type Estimate } from './bootstrap.js';
import { budgetedForks, oracleGain } from './budgeted-forks.js';
import { expectedCalibrationError } from './calibration-error.js';
import { offlineDecisions, rankingScore, type OfflineRollout } from './offline-decisions.js';
import type { ProbedTask } from './probed-tasks.js';

/** How often a criterion would fork after turn t. */
export interface TriggersAtTurn {
  readonly turnIndex: number;
  readonly turns: number;
  /** Turns at which it asks for a fork. */
  readonly triggered: number;
}

/** How a criterion does, on the probed turns. Intervals are 95 % bootstrap intervals over tasks. */
export interface CriterionReport {
  readonly criterion: string;
  /** The share of turns at which it asks for a fork. */
  readonly triggerRate: Estimate;
  /**
   * The area under the ROC curve for critical turns, ranked by priority where the criterion gives one; a turn that asks for a fork
   * without one ranks as 0, one that neither asks nor has a priority last. 0.5 is chance.
   */
  readonly auroc: Estimate;
  /** The share of critical turns among those that get a fork from N - M free leaves, as a rollout grants them: in time order. */
  readonly precisionAtBudget: Estimate;
  /** The same if the highest ranked of all its requests were served first. */
  readonly precisionByScore: Estimate;
  /** The expected calibration error of asking for a fork, read as the claim that the turn is critical, of not asking as that it is not. */
  readonly calibrationError: Estimate;
  /** That of the priorities, read as probabilities; null unless every turn has one, in [0, 1]. */
  readonly priorityCalibrationError: Estimate;
  /** Forks it gets on a path. */
  readonly forks: Estimate;
  /** The sum of the importances where it forks, per path. */
  readonly gained: Estimate;
  /** What an oracle gains with as many forks on the same path, minus `gained`. */
  readonly regret: Estimate;
  readonly byTurn: readonly TriggersAtTurn[];
}

/** A turn as one criterion sees it. */
interface JudgedTurn {
  readonly turnIndex: number;
  readonly importance: number;
  readonly critical: boolean;
  readonly score: number;
  /** NaN without one. */
  readonly priority: number;
  readonly triggered: boolean;
}

interface JudgedPath {
  readonly turns: readonly JudgedTurn[];
  readonly forks: number;
  readonly criticalForks: number;
  readonly forksByScore: number;
  readonly criticalForksByScore: number;
  readonly gained: number;
  readonly oracle: number;
}

function judge(
  criterion: BranchingCriterion,
  { tree, turns }: ProbedTask[number],
  rollout: OfflineRollout,
): JudgedPath {
  const decided = new Map(
    offlineDecisions(criterion, tree, rollout).map((each) => [each.node, each]),
  );
  const judged = turns.flatMap(({ node, turnIndex, importance, critical }) => {
    const decision = decided.get(node);
    if (decision === undefined) return [];
    const { width, priority = NaN } = decision;
    const score = rankingScore(decision);
    return [{ turnIndex, importance, critical, score, priority, width, triggered: width > 1 }];
  });
  const free = rollout.leaves - rollout.roots;
  const granted = budgetedForks(judged, free, 'time');
  const byScore = budgetedForks(judged, free, 'score');
  const forked = judged.filter((_, i) => granted[i]);
  const importances = (turns: readonly JudgedTurn[]): number[] =>
    turns.map(({ importance }) => importance);
  return {
    turns: judged,
    forks: forked.length,
    criticalForks: forked.filter(({ critical }) => critical).length,
    forksByScore: byScore.filter(Boolean).length,
    criticalForksByScore: judged.filter(({ critical }, i) => critical && byScore[i]).length,
    // Summed like the oracle's, so that equal choices differ by exactly 0.
    gained: oracleGain(importances(forked), forked.length),
    oracle: oracleGain(importances(judged), forked.length),
  };
}

function byTurn(turns: readonly JudgedTurn[]): TriggersAtTurn[] {
  const last = Math.max(-1, ...turns.map(({ turnIndex }) => turnIndex));
  return Array.from({ length: last + 1 }, (_, turnIndex) => {
    const here = turns.filter((turn) => turn.turnIndex === turnIndex);
    const triggered = here.filter((turn) => turn.triggered).length;
    return { turnIndex, turns: here.length, triggered };
  });
}

type JudgedTask = readonly JudgedPath[];

const pathsOf = (tasks: readonly JudgedTask[]): readonly JudgedPath[] => tasks.flat();
const turnsOf = (tasks: readonly JudgedTask[]): readonly JudgedTurn[] =>
  tasks.flatMap((task) => task.flatMap(({ turns }) => turns));
const ratio = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);
const total = (
  tasks: readonly JudgedTask[],
  of: (path: JudgedPath) => number,
): { readonly sum: number; readonly paths: number } => {
  const paths = pathsOf(tasks);
  return { sum: paths.reduce((sum, path) => sum + of(path), 0), paths: paths.length };
};
const perPath =
  (of: (path: JudgedPath) => number) =>
  (tasks: readonly JudgedTask[]): number | null => {
    const { sum, paths } = total(tasks, of);
    return ratio(sum, paths);
  };
const share =
  (part: (path: JudgedPath) => number, whole: (path: JudgedPath) => number) =>
  (tasks: readonly JudgedTask[]): number | null =>
    ratio(total(tasks, part).sum, total(tasks, whole).sum);

/** Runs a criterion offline on the base paths of measured probes and says how well it finds their critical turns. */
export function measureCriterion(
  criterion: BranchingCriterion,
  tasks: readonly ProbedTask[],
  samples: readonly (readonly ProbedTask[])[],
  rollout: OfflineRollout,
  bins: number,
): CriterionReport {
  const judgements = new Map<ProbedTask, JudgedTask>(
    tasks.map((task) => [task, task.map((probe) => judge(criterion, probe, rollout))]),
  );
  const of = (drawn: readonly ProbedTask[]): JudgedTask[] =>
    drawn.map((task) => judgements.get(task) ?? []);
  const measured = (measure: (tasks: readonly JudgedTask[]) => number | null): Estimate =>
    estimate(tasks, samples, (drawn) => measure(of(drawn)));
  const labelled =
    (
      measure: (scores: readonly number[], labels: readonly boolean[]) => number | null,
      of: (turn: JudgedTurn) => number,
    ) =>
    (drawn: readonly JudgedTask[]): number | null => {
      const turns = turnsOf(drawn);
      return measure(
        turns.map(of),
        turns.map(({ critical }) => critical),
      );
    };
  const calibration = (of: (turn: JudgedTurn) => number): Estimate =>
    measured(labelled((scores, labels) => expectedCalibrationError(scores, labels, bins), of));
  return {
    criterion: criterion.id,
    triggerRate: measured((drawn) => {
      const turns = turnsOf(drawn);
      return ratio(turns.filter(({ triggered }) => triggered).length, turns.length);
    }),
    auroc: measured(labelled(auroc, ({ score }) => score)),
    precisionAtBudget: measured(
      share(
        ({ criticalForks }) => criticalForks,
        ({ forks }) => forks,
      ),
    ),
    precisionByScore: measured(
      share(
        ({ criticalForksByScore }) => criticalForksByScore,
        ({ forksByScore }) => forksByScore,
      ),
    ),
    calibrationError: calibration(({ triggered }) => Number(triggered)),
    priorityCalibrationError: calibration(({ priority }) => priority),
    forks: measured(perPath(({ forks }) => forks)),
    gained: measured(perPath(({ gained }) => gained)),
    regret: measured(perPath(({ oracle, gained }) => oracle - gained)),
    byTurn: byTurn(turnsOf(of(tasks))),
  };
}
