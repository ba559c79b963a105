import type { MetricsPoint } from '../../shared/views.js';
import type { Measure } from './measures.js';

/** A curve: `values[i]` at step `steps[i]`. */
export interface Series {
  readonly name: string;
  readonly steps: readonly number[];
  readonly values: readonly number[];
}

/** The points of a measure. A step that was done again after a resume is there twice; the last counts. */
export function seriesOf(name: string, points: readonly MetricsPoint[], measure: Measure): Series {
  const byStep = new Map<number, number>();
  for (const { phase, step, values } of points) {
    if (phase !== measure.phase || Number.isNaN(step)) continue;
    const value = measure.value(values);
    if (value !== undefined && Number.isFinite(value)) byStep.set(step, value);
  }
  const entries = [...byStep].sort(([a], [b]) => a - b);
  return { name, steps: entries.map(([step]) => step), values: entries.map(([, value]) => value) };
}

/** The mean of up to `width` values around each; the ends use what there is. */
export function smooth(values: readonly number[], width: number): readonly number[] {
  const half = Math.floor(width / 2);
  return values.map((_, index) => {
    const near = values.slice(Math.max(0, index - half), index + half + 1);
    return near.reduce((sum, value) => sum + value, 0) / near.length;
  });
}

/** Curves on one axis: their steps together, and null where a curve has none of its own. */
export function align(
  series: readonly Series[],
): readonly [steps: number[], ...values: (number | null)[][]] {
  const steps = [...new Set(series.flatMap((each) => each.steps))].sort((a, b) => a - b);
  const columns = series.map((each) => {
    const at = new Map(each.steps.map((step, index) => [step, each.values[index]!]));
    return steps.map((step) => at.get(step) ?? null);
  });
  return [steps, ...columns];
}
