import type { Evaluation } from '../pipeline/evaluate.js';
import type { BranchingEvaluation, Measured } from '../pipeline/evaluate-branching.js';
import { showDifference, showRate } from '../pipeline/summary.js';
import { pairedDifference, wilsonInterval } from '../statistics/intervals.js';
import { percent, renderTable } from './table.js';

/** Success of one sampled episode of each game, over all and for each kind. */
function sampleRows(evaluation: Evaluation): string[][] {
  const kinds = [...new Set(evaluation.kinds)].sort();
  const label = `temperature ${evaluation.temperature}`;
  const row = (kind: string, successes: readonly boolean[]): string[] => [
    label,
    kind,
    String(successes.length),
    showRate(wilsonInterval(successes)),
  ];
  return [
    row('all', evaluation.successes),
    ...kinds.map((kind) =>
      row(
        kind,
        evaluation.successes.filter((_, i) => evaluation.kinds[i] === kind),
      ),
    ),
  ];
}

const NAMES = {
  majority: 'majority of the last actions',
  likeliest: 'likeliest path',
  'best-score': 'best score (an oracle)',
  first: 'first path',
} as const;

/** What branching adds to one sample, and what it costs. */
function branchingRows({ settings, ...result }: BranchingEvaluation): string[][] {
  const { single, tokens, singleTokens } = result;
  const row = (name: string, successes: readonly boolean[], leaves: number, spent: number) => [
    `temperature ${single.temperature}`,
    name,
    showRate(wilsonInterval(successes)),
    successes === single.successes
      ? ''
      : showDifference(pairedDifference(single.successes, successes)),
    leaves.toFixed(1),
    spent.toFixed(0),
  ];
  return [
    row('one sample', single.successes, 1, singleTokens.response),
    row(NAMES[settings.choose], result.successes, result.leavesPerTask, tokens.response),
    row('any path (an oracle)', result.anySuccesses, result.leavesPerTask, tokens.response),
  ];
}

/** The tables of `spark-rl eval`. */
export function renderEvaluations(measured: readonly Measured[]): string {
  const samples = renderTable(
    ['one sampled episode of each game', 'kind', 'games', 'success [95 %]'],
    measured.flatMap(({ single }) => sampleRows(single)),
  );
  const lines = measured.map(
    ({ single }) =>
      `temperature ${single.temperature}: ${single.meanTurns.toFixed(1)} turns per episode, explore ratio ${percent(single.exploreRatio)}, invalid responses ${percent(single.invalidRatio)}\n`,
  );
  const trees = measured.flatMap(({ branching }) => (branching === undefined ? [] : [branching]));
  const [first] = trees;
  if (first === undefined) return `${samples}${lines.join('')}`;
  const { leaves, roots, width } = first.settings;
  const branched = renderTable(
    [
      'branching at test time',
      'the path that answers',
      'success [95 %]',
      'more than one sample, in points [95 %]',
      'paths per game',
      'tokens per game',
    ],
    trees.flatMap(branchingRows),
  );
  return (
    `${samples}${lines.join('')}\n${branched}` +
    `Trees of up to ${leaves} leaves from ${roots} ${roots === 1 ? 'root' : 'roots'}, ${width} children where the agent explores; tokens are response tokens, each counted once.\n`
  );
}
