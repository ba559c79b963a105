import { useMemo } from 'react';

import { percent } from '../../shared/format.js';
import { runHash } from '../app/route.js';
import { Shell } from '../app/shell.js';
import { ChartGrid } from '../charts/chart-grid.js';
import { StateChip } from '../runs/state-chip.js';
import { Notice } from '../ui/notice.js';
import { FactTable } from './fact-table.js';
import { useManyRuns, type MeasuredRun } from './use-many-runs.js';

/** Fields of the configurations that are not the same in all runs. */
function differingFields(runs: readonly MeasuredRun[]): readonly (readonly string[])[] {
  const configs = runs.map(({ view }) => new Map(view.config));
  const fields = [...new Set(configs.flatMap((config) => [...config.keys()]))];
  return fields
    .map((field) => [field, ...configs.map((config) => config.get(field) ?? '–')])
    .filter(([, ...values]) => new Set(values).size > 1);
}

/** The curves of several runs on one another. */
export const CurvesPage = ({ runs }: { readonly runs: readonly string[] }) => {
  const { value, error } = useManyRuns(runs);
  const charts = useMemo(
    () => (value ?? []).map(({ view, points }) => ({ name: view.id, points })),
    [value],
  );
  return (
    <Shell crumbs={[{ text: 'Runs', href: '#/' }, { text: `Compare ${runs.length} runs` }]}>
      <header className="page-head">
        <h1>Compare runs</h1>
      </header>
      {error !== undefined && (
        <Notice title="The runs cannot be compared.">
          <p>{error}</p>
        </Notice>
      )}
      {value !== undefined && (
        <>
          <ul className="run-legend">
            {value.map(({ view }, index) => (
              <li key={view.id}>
                <span
                  className={`curve-key curve-${(index % 6) + 1} dash-${(index % 6) + 1}`}
                  aria-hidden="true"
                />
                <a href={runHash(view.id)}>{view.id}</a> <StateChip state={view.state} />
                <span className="muted">
                  {percent(view.evaluated.warmup)} → {percent(view.evaluated.final)}
                </span>
              </li>
            ))}
          </ul>
          <ChartGrid runs={charts} />
          <FactTable
            title="Settings that differ"
            names={value.map(({ view }) => view.id)}
            rows={differingFields(value)}
          />
        </>
      )}
    </Shell>
  );
};
