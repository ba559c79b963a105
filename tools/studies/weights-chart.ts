import type { ChartSpec } from '../../apps/trainer/src/output/chart.js';
import { METHODS, type StudiedRun } from './weights-run.js';

/** Told apart by most eyes (Okabe and Ito). */
const COLOURS = ['#d55e00', '#0072b2', '#009e73', '#6b6b6b'];
/** Steps are averaged over this many tokens, so that single batches do not hide the course. */
const BIN = 50_000;

/** Means of a run's steps, bin by bin. The last step of a run goes beyond its budget, and belongs to the last bin. */
function course({ seed, method, steps }: StudiedRun, budget: number): readonly object[] {
  const bins = new Map<number, { explore: number; success: number; count: number }>();
  for (const { tokens, explore, success } of steps) {
    const at = (Math.ceil(Math.min(tokens, budget) / BIN) - 0.5) * BIN;
    const bin = bins.get(at) ?? { explore: 0, success: 0, count: 0 };
    bins.set(at, {
      explore: bin.explore + explore,
      success: bin.success + success,
      count: bin.count + 1,
    });
  }
  return [...bins].flatMap(([tokens, bin]) => [
    { seed, method, tokens, what: 'explore share of turns', value: bin.explore / bin.count },
    { seed, method, tokens, what: 'success of leaves', value: bin.success / bin.count },
  ]);
}

/** Explore share and success over generated tokens: thin lines are runs, thick ones the means over seeds. */
export function weightsChart(runs: readonly StudiedRun[], budget: number): ChartSpec {
  const encoding = {
    x: { field: 'tokens', type: 'quantitative' as const, title: 'generated tokens' },
    y: {
      field: 'value',
      type: 'quantitative' as const,
      title: null,
      axis: { format: '.0%' },
      scale: { zero: true },
    },
    color: {
      field: 'method',
      type: 'nominal' as const,
      title: null,
      scale: { domain: [...METHODS], range: COLOURS },
      legend: { orient: 'bottom' as const, symbolOpacity: 1, symbolStrokeWidth: 3 },
    },
  };
  return {
    title: {
      text: 'How the weight of a shared turn acts on the explore tag',
      subtitle: `Thin: one seed each, steps averaged over ${BIN.toLocaleString('en-US')} tokens. Thick: the mean over seeds.`,
      anchor: 'start',
      offset: 12,
    },
    background: 'white',
    padding: 12,
    data: { values: runs.flatMap((run) => course(run, budget)) },
    facet: { column: { field: 'what', type: 'nominal', title: null } },
    spec: {
      width: 330,
      height: 260,
      layer: [
        {
          mark: { type: 'line', opacity: 0.35, strokeWidth: 1 },
          encoding: { ...encoding, detail: { field: 'seed' } },
        },
        {
          mark: { type: 'line', strokeWidth: 3 },
          encoding: { ...encoding, y: { ...encoding.y, aggregate: 'mean' } },
        },
      ],
    },
    resolve: { scale: { y: 'independent' } },
  };
}
