import { compact, moment, percent, plural } from '../../shared/format.js';
import { runHash, treesHash } from '../app/route.js';
import { Shell } from '../app/shell.js';
import { useSource } from '../app/source-context.js';
import { useData } from '../app/use-data.js';
import { ChartGrid } from '../charts/chart-grid.js';
import { useMetrics } from '../charts/use-metrics.js';
import { StateChip } from '../runs/state-chip.js';
import { Notice } from '../ui/notice.js';
import { Problems } from '../ui/problems.js';
import { useMemo } from 'react';
import { EvaluationSection } from './evaluation-section.js';
import { Facts } from './facts.js';

/** One run: its curves, its measurements, its settings. */
export const RunPage = ({ run }: { readonly run: string }) => {
  const source = useSource();
  const { value, error } = useData(`run ${run}`, () => source.run(run), source.live ? 3000 : 0);
  const metrics = useMetrics(run);
  const runs = useMemo(() => [{ name: run, points: metrics.points }], [run, metrics.points]);
  const crumbs = [{ text: 'Runs', href: '#/' }, { text: run }];
  if (value === undefined)
    return (
      <Shell crumbs={crumbs}>
        {error === undefined ? (
          <p className="muted">Reading …</p>
        ) : (
          <Notice title="This run cannot be shown." heading="h1">
            <p>{error}</p>
          </Notice>
        )}
      </Shell>
    );
  const trees = value.sets.reduce((sum, set) => sum + set.trees, 0);
  const seen = new Set(value.problems.map(({ place, reason }) => `${place} ${reason}`));
  const problems = [
    ...value.problems,
    ...metrics.problems.filter(({ place, reason }) => !seen.has(`${place} ${reason}`)),
  ];
  return (
    <Shell crumbs={crumbs}>
      <header className="page-head">
        <div>
          <h1>
            <a href={runHash(run)}>{run}</a>
          </h1>
          <p className="muted">
            <StateChip state={value.state} /> · begun {moment(value.createdAt)} ·{' '}
            {[value.method, value.environment, value.device]
              .filter((each) => each !== null)
              .join(' · ')}
          </p>
        </div>
        <div className="tools">
          {value.evaluated.final !== null && (
            <dl className="figures large">
              <div>
                <dt>after warm-up</dt>
                <dd>{percent(value.evaluated.warmup)}</dd>
              </div>
              <div>
                <dt>at the end</dt>
                <dd>{percent(value.evaluated.final)}</dd>
              </div>
            </dl>
          )}
          <a className="button primary" href={treesHash(run)}>
            {trees === 0 ? 'Trees' : plural(trees, 'tree', 'trees')}
          </a>
        </div>
      </header>
      {error !== undefined && (
        <p className="warn" role="status">
          {error}
        </p>
      )}
      <Problems problems={problems} />
      <section aria-label="Curves">
        {metrics.points.length > 0 && <ChartGrid runs={runs} />}
        {metrics.loaded && metrics.points.length === 0 && (
          <Notice title="Nothing was measured yet.">
            <p>Curves appear with the first steps of the warm-up.</p>
          </Notice>
        )}
      </section>
      <EvaluationSection evaluations={value.evaluations} />
      <section aria-label="Facts" className="facts-grid">
        <Facts
          title="Summary"
          entries={value.summary.map(([field, each]) => [
            field,
            typeof each === 'number' ? compact(each) : each,
          ])}
        />
        <Facts title="Configuration" entries={value.config} />
        <Facts
          title="How it was begun"
          entries={[
            ['command', `spark-rl ${value.command.join(' ')}`],
            ['engine', value.engine ?? '–'],
            ['device', value.device ?? '–'],
            ['seed', value.seed ?? '–'],
            ['checkpoints', value.checkpoints.join(', ') || 'none'],
          ]}
        />
      </section>
    </Shell>
  );
};
