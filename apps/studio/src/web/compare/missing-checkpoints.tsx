import type { MissingTree } from '../../shared/views.js';

/** Checkpoints of the run that did not play the task, and the command that lets each do so. */
export const MissingCheckpoints = ({ missing }: { readonly missing: readonly MissingTree[] }) =>
  missing.length === 0 ? null : (
    <section className="card missing" aria-labelledby="missing-title">
      <h2 id="missing-title">Other checkpoints of this run</h2>
      <p className="muted">
        They have no tree of this task yet. Each command grows one, and it appears here.
      </p>
      <dl>
        {missing.map(({ checkpoint, command }) => (
          <div key={checkpoint}>
            <dt>{checkpoint}</dt>
            <dd>
              <code>{command}</code>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
