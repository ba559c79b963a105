import { useState } from 'react';

import { percent, plural } from '../../shared/format.js';
import type { EvaluationView } from '../../shared/views.js';
import { Glyph } from '../ui/glyph.js';
import { Segmented } from '../ui/segmented.js';
import { changesByKind, pairsOf, type Change } from './evaluation-pairs.js';

const WORDS: Readonly<Record<Change, string>> = {
  gained: 'gained',
  kept: 'solved by both',
  lost: 'lost',
  neither: 'solved by neither',
};

/** Two checkpoints on the same tasks, task by task. */
export const EvaluationSection = ({
  evaluations,
}: {
  readonly evaluations: readonly EvaluationView[];
}) => {
  const pairs = pairsOf(evaluations);
  const [chosen, setChosen] = useState(0);
  const pair = pairs[Math.min(chosen, pairs.length - 1)];
  if (pair === undefined) return null;
  const { before, after, changes } = pair;
  const count = (change: Change): number => changes.filter((each) => each === change).length;
  return (
    <section aria-labelledby="evaluation-title">
      <header className="section-head">
        <h2 id="evaluation-title">The same tasks, before and after</h2>
        {pairs.length > 1 && (
          <Segmented
            label="Which measurements"
            value={String(chosen)}
            options={pairs.map((each, index) => [String(index), each.title] as const)}
            onChange={(value) => setChosen(Number(value))}
          />
        )}
      </header>
      <div className="card evaluation">
        <p>
          <strong>{before.checkpoint}</strong> solves {percent(share(before.successes))},{' '}
          <strong>{after.checkpoint}</strong> {percent(share(after.successes))} of{' '}
          {plural(changes.length, 'unseen task', 'unseen tasks')}, each played once. It gained{' '}
          {count('gained')} and lost {count('lost')}.
        </p>
        <div
          className="dots"
          role="img"
          aria-label={`Gained ${count('gained')}, lost ${count('lost')}, solved by both ${count('kept')}, by neither ${count('neither')}`}
        >
          {changes.map((change, index) => (
            <span
              key={index}
              className={`task task-${change}`}
              title={`task ${index}: ${WORDS[change]}`}
            />
          ))}
        </div>
        <ul className="legend" aria-hidden="true">
          {(Object.keys(WORDS) as Change[]).map((change) => (
            <li key={change}>
              <span className={`task task-${change}`} /> {WORDS[change]} {count(change)}
            </li>
          ))}
        </ul>
        <div className="table-scroll" tabIndex={0} role="region" aria-label="By kind of task">
          <table>
            <thead>
              <tr>
                <th scope="col">kind of task</th>
                <th scope="col">tasks</th>
                <th scope="col">{before.checkpoint}</th>
                <th scope="col">{after.checkpoint}</th>
                <th scope="col">gained</th>
                <th scope="col">lost</th>
              </tr>
            </thead>
            <tbody>
              {changesByKind(pair).map((row) => (
                <tr key={row.kind}>
                  <th scope="row">{row.kind === '' ? '(no kind)' : row.kind}</th>
                  <td>{row.tasks}</td>
                  <td>{percent(row.before / row.tasks)}</td>
                  <td>{percent(row.after / row.tasks)}</td>
                  <td>
                    {row.gained > 0 && <Glyph name="success" size={12} />} {row.gained}
                  </td>
                  <td>
                    {row.lost > 0 && <Glyph name="failure" size={12} />} {row.lost}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </div>
    </section>
  );
};

const share = (successes: readonly boolean[]): number =>
  successes.filter(Boolean).length / Math.max(1, successes.length);
