import { useEffect, useRef, useState } from 'react';
import uPlot from 'uplot';

import { compact, percent } from '../../shared/format.js';
import { useTheme } from '../app/theme.js';
import { chartColours } from './chart-colours.js';
import type { Measure } from './measures.js';
import { align, smooth, type Series } from './series.js';

const HEIGHT = 150;
const SMOOTHED_FROM = 15;

const show = (value: number | null | undefined, share: boolean): string =>
  value === null || value === undefined ? '–' : share ? percent(value) : compact(value);

/** What a screen reader is told of a chart. */
function inWords({ title, share = false }: Measure, series: readonly Series[]): string {
  const parts = series
    .filter(({ values }) => values.length > 0)
    .map(
      ({ name, steps, values }) =>
        `${name}: ${show(values[0], share)} at step ${steps[0]}, ${show(values.at(-1), share)} at step ${steps.at(-1)}, ` +
        `lowest ${show(Math.min(...values), share)}, highest ${show(Math.max(...values), share)}`,
    );
  return `${title}. ${parts.join('. ')}`;
}

/** The raw curve thin, and behind its numbers the mean of its neighbours: single steps are noisy. */
function optionsOf(
  series: readonly Series[],
  share: boolean,
  width: number,
  onPoint: (index: number | null) => void,
): uPlot.Options {
  const colours = chartColours();
  const axis: uPlot.Axis = {
    stroke: colours.text,
    grid: { stroke: colours.grid, width: 1 },
    ticks: { show: false },
    font: '11px system-ui, sans-serif',
    gap: 4,
  };
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { y: false, sync: { key: 'steps' }, points: { size: 6 } },
    scales: { x: { time: false }, y: { range: (_, low, high) => rangeOf(low, high, share) } },
    axes: [
      { ...axis, size: 24, grid: { show: false } },
      {
        ...axis,
        size: 46,
        values: (_, ticks) =>
          ticks.map((tick) => (share ? `${Number((tick * 100).toPrecision(2))} %` : compact(tick))),
      },
    ],
    series: [
      {},
      ...series.flatMap((each, index): uPlot.Series[] => {
        const colour = colours.curve(index);
        const long = each.values.length >= SMOOTHED_FROM;
        const points = { show: each.values.length < 2 };
        return [
          {
            stroke: colour,
            width: long ? 1 : 2,
            alpha: long ? 0.35 : 1,
            points,
            spanGaps: true,
            dash: colours.dash(index),
          },
          {
            stroke: colour,
            width: 2,
            points: { show: false },
            spanGaps: true,
            dash: colours.dash(index),
            show: long,
          },
        ];
      }),
    ],
    hooks: { setCursor: [({ cursor }) => onPoint(cursor.idx ?? null)] },
  };
}

/** Shares start at 0; others stand free, with some air. */
function rangeOf(low: number | null, high: number | null, share: boolean): [number, number] {
  if (low === null || high === null) return [0, 1];
  const air = (high - low || Math.abs(high) || 1) * 0.08;
  return [share || (low >= 0 && low < high / 3) ? 0 : low - air, high + air];
}

const dataOf = (series: readonly Series[]): uPlot.AlignedData =>
  align(
    series.flatMap((each) => [each, { ...each, values: smooth(each.values, 9) }]),
  ) as unknown as uPlot.AlignedData;

/** A chart of one measure: one curve for each run. */
export const LineChart = ({
  measure,
  series,
}: {
  readonly measure: Measure;
  readonly series: readonly Series[];
}) => {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot>(undefined);
  const [point, setPoint] = useState<number | null>(null);
  const theme = useTheme();
  const share = measure.share === true;
  // A chart keeps its form while only its numbers grow.
  const form = series
    .map(({ name, values }) => `${name} ${Math.min(values.length, SMOOTHED_FROM)}`)
    .join();
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const made = new uPlot(
      optionsOf(series, share, element.clientWidth, setPoint),
      dataOf(series),
      element,
    );
    chart.current = made;
    const observer = new ResizeObserver(() =>
      made.setSize({ width: element.clientWidth, height: HEIGHT }),
    );
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
    };
  }, [form, theme, share]);
  useEffect(() => chart.current?.setData(dataOf(series)), [series]);

  const [steps] = align(series);
  const step = point === null ? undefined : steps[point];
  const last = series.length > 1 ? 'last' : `step ${steps.at(-1) ?? '–'}`;
  const stepInWords = step === undefined ? last : `step ${step}`;
  const valueAt = ({ steps: own, values }: Series): number | undefined =>
    step === undefined ? values.at(-1) : values[own.indexOf(step)];
  return (
    <figure className="chart card">
      <figcaption>
        <h3 title={measure.help}>{measure.title}</h3>
        <span className="reading">
          <span className="muted">{stepInWords}</span>
          {series.map((each, index) => (
            <span key={each.name} className={`value curve-${(index % 6) + 1}`}>
              {show(valueAt(each), share)}
            </span>
          ))}
        </span>
      </figcaption>
      <div ref={place} className="plot" role="img" aria-label={inWords(measure, series)} />
      {measure.help !== '' && <p className="muted small">{measure.help}</p>}
    </figure>
  );
};
