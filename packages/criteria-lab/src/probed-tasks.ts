import type { Tree } from '@spark-rl/core';

import { criticalTurns, type CriticalRule } from './critical-turns.js';
import { importanceOf, type ImportanceMeasure } from './importance.js';
import { turnImportance, type TurnImportance } from './turn-importance.js';

/** A measured turn, its importance by the chosen measure, and whether it counts as critical. */
export interface ProbedTurn extends TurnImportance {
  readonly importance: number;
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

/** How turns are judged. */
export interface Judgement {
  readonly importance: ImportanceMeasure;
  readonly critical: CriticalRule;
}

/**
 * Measures probes, says which of all their turns are critical, and puts the probes of one task together. Turns whose importance
 * cannot be told are left out.
 */
export function measureProbes(
  trees: readonly Tree[],
  { importance: measure, critical: rule }: Judgement,
): readonly ProbedTask[] {
  const measured = trees.map((tree) => ({
    tree,
    turns: turnImportance(tree).flatMap((turn) => {
      const importance = importanceOf(turn.continuations, measure);
      return importance === null ? [] : [{ ...turn, importance }];
    }),
  }));
  const labels = criticalTurns(
    measured.flatMap(({ turns }) => turns.map(({ importance }) => importance)),
    rule,
  ).values();
  const tasks = new Map<string, MeasuredProbe[]>();
  for (const { tree, turns } of measured) {
    const probe = {
      tree,
      turns: turns.map((turn) => ({ ...turn, critical: labels.next().value ?? false })),
    };
    const probes = tasks.get(tree.task.id);
    if (probes === undefined) tasks.set(tree.task.id, [probe]);
    else probes.push(probe);
  }
  return [...tasks.values()];
}

/** All turns of some tasks. */
export const turnsOf = (tasks: readonly ProbedTask[]): readonly ProbedTurn[] =>
  tasks.flatMap((task) => task.flatMap(({ turns }) => turns));
