import type { LearningMetrics } from '@spark-rl/core';
import type { StepReport } from '@spark-rl/tensor';

import type { PackedRow } from './packed-rows.js';

const mean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;

/** Means over the optimiser steps of a batch. Steps that were not applied (gradient not finite) are counted and left out. */
export function averageReports(reports: readonly StepReport[]): Record<string, number> {
  const applied = reports.filter((report) => report.applied);
  const names = new Set(applied.flatMap(({ metrics }) => Object.keys(metrics)));
  return {
    updates: applied.length,
    skippedUpdates: reports.length - applied.length,
    loss: mean(applied.map(({ loss }) => loss)),
    gradientNorm: mean(applied.map(({ gradientNorm }) => gradientNorm)),
    ...Object.fromEntries(
      [...names].map((name) => [name, mean(applied.map(({ metrics }) => metrics[name] ?? 0))]),
    ),
  };
}

/** What was trained: rows, turns, response tokens, copies, and the share of turns that explored where turns have a mode. */
export function describeRows(rows: readonly PackedRow[]): LearningMetrics {
  const turns = rows.flatMap((row) => row.turns);
  const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
  const modes = turns.flatMap(({ turn }) => turn.response.mode ?? []);
  return {
    rows: rows.length,
    turns: turns.length,
    copies: sum(turns.map(({ copies }) => copies)),
    tokens: sum(turns.map(({ turn }) => turn.generation.responseTokens.length)),
    ...(modes.length === 0
      ? {}
      : { exploreShare: modes.filter((mode) => mode === 'explore').length / turns.length }),
  };
}

/** Metrics that are means over tokens, weighted as the loss weighs them. */
const MEANS = ['entropy', 'ratio', 'ratioDeviation', 'clipRatio', 'policyKl', 'kl'];

/** Makes means of sums whose weights add up to something else than 1, as those of `constant-length` do. */
export function perUnitWeight(report: StepReport, totalWeight: number): StepReport {
  if (Math.abs(totalWeight - 1) < 1e-9) return report;
  const metrics = Object.entries(report.metrics).map(
    ([name, value]) => [name, MEANS.includes(name) ? value / totalWeight : value] as const,
  );
  return { ...report, metrics: Object.fromEntries(metrics) };
}
