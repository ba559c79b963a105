import type { ChartSpec } from '../output/chart.js';
import type { Comparison, ComparedRun, ComparedStep } from './result.js';

/** Told apart by most eyes (Okabe and Ito), the darkest first. */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#6b6b6b'];
const BINS = 10;

const PANELS: readonly { readonly title: string; readonly of: (step: ComparedStep) => number }[] = [
  { title: 'success of leaves', of: ({ success }) => success },
  { title: 'turns that explore', of: ({ explore }) => explore },
  { title: 'turns that repeat an action', of: ({ repeated }) => repeated },
];

function course(
  { seed, label, steps }: ComparedRun,
  budget: number,
  of: (step: ComparedStep) => number,
): readonly object[] {
  const width = budget / BINS;
  const bins = new Map<number, number[]>();
  for (const step of steps) {
    // The last step goes beyond the budget, and belongs to the last bin.
    const at = (Math.ceil(Math.min(step.tokens, budget) / width) - 0.5) * width;
    bins.set(at, [...(bins.get(at) ?? []), of(step)]);
  }
  return [...bins].map(([tokens, values]) => ({
    seed,
    label,
    tokens,
    value: values.reduce((sum, value) => sum + value, 0) / values.length,
  }));
}

/** The course of rollouts over generated tokens: thin lines are runs, thick ones the means over seeds. */
export function comparisonChart({ runs, tokens: budget }: Comparison): ChartSpec {
  const labels = [...new Set(runs.map(({ label }) => label))];
  const color = {
    field: 'label',
    type: 'nominal' as const,
    title: null,
    scale: { domain: labels, range: labels.map((_, i) => COLOURS[i % COLOURS.length]!) },
    legend: { orient: 'bottom' as const, symbolOpacity: 1, symbolStrokeWidth: 3, columns: 4 },
  };
  const x = { field: 'tokens', type: 'quantitative' as const, title: 'generated tokens' };
  const y = {
    field: 'value',
    type: 'quantitative' as const,
    title: null,
    axis: { format: '.0%' },
    scale: { zero: true },
  };
  return {
    title: {
      text: 'Rollouts over generated tokens',
      subtitle: 'Thin: one seed each. Thick: the mean over seeds.',
      anchor: 'start',
      offset: 12,
    },
    background: 'white',
    padding: 12,
    hconcat: PANELS.map(({ title, of }) => ({
      title: { text: title, fontWeight: 'normal', fontSize: 12 },
      width: 260,
      height: 220,
      data: { values: runs.flatMap((run) => course(run, budget, of)) },
      layer: [
        {
          mark: { type: 'line', opacity: 0.3, strokeWidth: 1 },
          encoding: { x, y, color, detail: { field: 'seed' } },
        },
        {
          mark: { type: 'line', strokeWidth: 3 },
          encoding: { x, y: { ...y, aggregate: 'mean' }, color },
        },
      ],
    })),
  };
}
