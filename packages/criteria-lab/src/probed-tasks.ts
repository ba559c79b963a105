import type { Tree } from '@spark-rl/core';

import { criticalTurns, type CriticalRule } from './critical-turns.js';
import { turnImportance, type TurnImportance } from './turn-importance.js';

/** A measured turn, and whether it counts as critical. */
export interface ProbedTurn extends TurnImportance {
  readonly critical: boolean;
}

/** One probe, measured. */
export interface MeasuredProbe {
  readonly tree: Tree;
  /** In time order. */
  readonly turns: readonly ProbedTurn[];
}

/** The probes of one task: what the bootstrap draws. */
export type ProbedTask = readonly MeasuredProbe[];

/** Measures probes, says which of all their turns are critical, and puts the probes of one task together. */
export function measureProbes(trees: readonly Tree[], rule: CriticalRule): readonly ProbedTask[] {
  const measured = trees.map((tree) => ({ tree, importances: turnImportance(tree) }));
  const critical = criticalTurns(
    measured.flatMap(({ importances }) => importances.map(({ variance }) => variance)),
    rule,
  ).values();
  const tasks = new Map<string, MeasuredProbe[]>();
  for (const { tree, importances } of measured) {
    const turns = importances.map((each) => ({
      ...each,
      critical: critical.next().value ?? false,
    }));
    const probes = tasks.get(tree.task.id);
    if (probes === undefined) tasks.set(tree.task.id, [{ tree, turns }]);
    else probes.push({ tree, turns });
  }
  return [...tasks.values()];
}

/** All turns of some tasks. */
export const turnsOf = (tasks: readonly ProbedTask[]): readonly ProbedTurn[] =>
  tasks.flatMap((task) => task.flatMap(({ turns }) => turns));
