import { moment, percent, plural } from '../../shared/format.js';
import type { RunCard } from '../../shared/views.js';
import { runHash, treesHash } from '../app/route.js';
import { Sparkline } from './sparkline.js';
import { StateChip } from './state-chip.js';

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** A run in the list. */
export const RunRow = ({
  run,
  chosen,
  onChoose,
}: {
  readonly run: RunCard;
  readonly chosen: boolean;
  readonly onChoose: ((chosen: boolean) => void) | undefined;
}) => {
  const recent = run.success.slice(-5);
  const facts = [
    run.method,
    run.environment,
    run.engine,
    run.seed === null ? null : `seed ${run.seed}`,
  ];
  return (
    <li className="card run-row">
      {onChoose !== undefined && (
        <input
          type="checkbox"
          checked={chosen}
          aria-label={`Choose ${run.id} for comparison`}
          onChange={(event) => onChoose(event.target.checked)}
        />
      )}
      <div className="what">
        <h2>
          <a href={runHash(run.id)}>{run.id}</a>
        </h2>
        <p className="muted">
          {moment(run.createdAt)} ·{' '}
          {facts.filter((fact) => fact !== null).join(' · ') || 'nothing known of it'}
        </p>
        {run.problems.length > 0 && (
          <p className="warn">
            {plural(run.problems.length, 'damaged file or line', 'damaged files or lines')}
          </p>
        )}
      </div>
      <StateChip state={run.state} />
      <div className="curve">
        <Sparkline values={run.success} />
        <span className="muted">
          {recent.length === 0
            ? 'no step yet'
            : `rollouts ${percent(mean(recent))} · ${plural(run.steps, 'step', 'steps')}`}
        </span>
      </div>
      <dl className="figures">
        <div>
          <dt>after warm-up</dt>
          <dd>{percent(run.evaluated.warmup)}</dd>
        </div>
        <div>
          <dt>at the end</dt>
          <dd>{percent(run.evaluated.final)}</dd>
        </div>
      </dl>
      <a className="button" href={treesHash(run.id)} aria-label={`Trees of ${run.id}`}>
        Trees
      </a>
    </li>
  );
};
