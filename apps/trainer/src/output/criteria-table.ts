import type { CriterionReport, Estimate, LabReport } from '@spark-rl/criteria-lab';

import { percent, renderTable } from './table.js';

/** A measure with its interval: `0.71 [0.65, 0.77]`. */
export function showEstimate({ value, low, high }: Estimate): string {
  if (value === null) return '-';
  const interval = low === null || high === null ? '' : ` [${low.toFixed(2)}, ${high.toFixed(2)}]`;
  return `${value.toFixed(2)}${interval}`;
}

const HEAD = [
  'criterion',
  'triggers',
  'AUROC',
  'precision at budget',
  'ECE',
  'forks',
  'gained',
  'regret',
];

const nothing: Estimate = { value: null, low: null, high: null };
const alone = ({ value }: Estimate): Estimate => ({ ...nothing, value });

const row = (report: CriterionReport): string[] => [
  report.criterion,
  percent(report.triggerRate.value ?? NaN),
  showEstimate(report.auroc),
  showEstimate(report.precisionAtBudget),
  showEstimate(report.calibrationError),
  showEstimate(alone(report.forks)),
  showEstimate(alone(report.gained)),
  // An oracle without forks gains nothing either: no merit of a criterion that never asks.
  showEstimate(report.forks.value === 0 ? nothing : report.regret),
];

/** The comparison of criteria in columns, the noise ceiling last. */
export function renderCriteria({ criteria, ceiling }: LabReport): string {
  return renderTable(HEAD, [
    ...criteria.map(row),
    ['knows every chance (noise ceiling)', '', showEstimate(ceiling.auroc), '', '', '', '', ''],
    ['half of the continuations', '', showEstimate(ceiling.halfAuroc), '', '', '', '', ''],
  ]);
}
