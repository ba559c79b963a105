import { useMemo, useState } from 'react';

import type { MetricsPoint } from '../../shared/views.js';
import { LineChart } from './line-chart.js';
import { MEASURES, otherMeasures, type Measure } from './measures.js';
import { seriesOf } from './series.js';

/** The points of one run. */
export interface RunPoints {
  readonly name: string;
  readonly points: readonly MetricsPoint[];
}

const Charts = ({
  measures,
  runs,
}: {
  readonly measures: readonly Measure[];
  readonly runs: readonly RunPoints[];
}) => {
  const charts = useMemo(
    () =>
      measures
        .map((measure) => ({
          measure,
          series: runs.map(({ name, points }) => seriesOf(name, points, measure)),
        }))
        .filter(({ series }) => series.some(({ values }) => values.length > 0)),
    [measures, runs],
  );
  return (
    <div className="chart-grid">
      {charts.map(({ measure, series }) => (
        <LineChart key={measure.title} measure={measure} series={series} />
      ))}
    </div>
  );
};

/** The curves of runs; the rest of what was measured on demand. */
export const ChartGrid = ({ runs }: { readonly runs: readonly RunPoints[] }) => {
  const [all, setAll] = useState(false);
  const [search, setSearch] = useState('');
  const others = useMemo(
    () => (all ? otherMeasures(runs.flatMap(({ points }) => points)) : []),
    [all, runs],
  );
  const found = useMemo(
    () => others.filter(({ title }) => title.toLowerCase().includes(search.trim().toLowerCase())),
    [others, search],
  );
  return (
    <>
      <h2 className="words">Curves</h2>
      <Charts measures={MEASURES} runs={runs} />
      <details className="more" onToggle={(event) => setAll(event.currentTarget.open)}>
        <summary>Everything that was measured</summary>
        {all && (
          <>
            <input
              type="search"
              placeholder="Search measurements"
              aria-label="Search measurements"
              value={search}
              onChange={(event) => setSearch(event.target.value)}
            />
            <Charts measures={found} runs={runs} />
          </>
        )}
      </details>
    </>
  );
};
