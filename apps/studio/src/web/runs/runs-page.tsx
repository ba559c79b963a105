import { useState } from 'react';

import { plural } from '../../shared/format.js';
import type { RunCard } from '../../shared/views.js';
import { curvesHash } from '../app/route.js';
import { Shell } from '../app/shell.js';
import { useSource } from '../app/source-context.js';
import { useData } from '../app/use-data.js';
import { Notice } from '../ui/notice.js';
import { RunRow } from './run-row.js';

const matches = (run: RunCard, search: string): boolean =>
  [run.id, run.state, run.method, run.environment, run.engine].some(
    (text) => text?.toLowerCase().includes(search.trim().toLowerCase()) === true,
  );

/** All runs. */
export const RunsPage = () => {
  const source = useSource();
  const { value, error } = useData('runs', source.runs, source.live ? 3000 : 0);
  const [search, setSearch] = useState('');
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const runs = (value?.runs ?? []).filter((run) => matches(run, search));
  const choose = (id: string, on: boolean): void => {
    const next = new Set(chosen);
    if (on) next.add(id);
    else next.delete(id);
    setChosen(next);
  };
  const many = (value?.runs.length ?? 0) > 1;
  return (
    <Shell crumbs={[{ text: 'Runs' }]}>
      <header className="page-head">
        <div>
          <h1>Runs</h1>
          {value !== undefined && (
            <p className="muted">
              {plural(value.runs.length, 'run', 'runs')} in <code>{value.folder}</code>
            </p>
          )}
        </div>
        {many && (
          <div className="tools">
            <input
              type="search"
              placeholder="Search runs"
              aria-label="Search runs"
              value={search}
              onChange={(event) => setSearch(event.target.value)}
            />
            {chosen.size > 1 ? (
              <a className="button primary" href={curvesHash([...chosen])}>
                Compare {chosen.size} runs
              </a>
            ) : (
              <span className="muted hint">Choose two or more to compare</span>
            )}
          </div>
        )}
      </header>
      {error !== undefined && (
        <Notice title="The runs cannot be read.">
          <p>{error}</p>
        </Notice>
      )}
      {value?.runs.length === 0 && (
        <Notice title="There is no run here yet.">
          <p>
            Train one with <code>npm start</code>: it appears here at once, and its curves grow
            while it trains.
          </p>
        </Notice>
      )}
      {many && runs.length === 0 && <Notice title="No run matches the search." />}
      <ul className="cards">
        {runs.map((run) => (
          <RunRow
            key={run.id}
            run={run}
            chosen={chosen.has(run.id)}
            onChoose={many ? (on) => choose(run.id, on) : undefined}
          />
        ))}
      </ul>
    </Shell>
  );
};
