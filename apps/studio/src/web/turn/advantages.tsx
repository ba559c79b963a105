import { outcomeWords, signed } from '../../shared/format.js';
import type { CopyView, TreeView, TurnView } from '../../shared/views.js';
import { Glyph } from '../ui/glyph.js';

const SCALE = 2;

/** A number as a bar to the left or right of zero. */
const SignedBar = ({ value }: { readonly value: number }) => {
  const width = (50 * Math.min(SCALE, Math.abs(value))) / SCALE;
  return (
    <span className="signed-bar" aria-hidden="true">
      <span
        className={value < 0 ? 'negative' : 'positive'}
        style={
          value < 0 ? { right: '50%', width: `${width}%` } : { left: '50%', width: `${width}%` }
        }
      />
    </span>
  );
};

/** What the turn is credited, leaf by leaf, and how it counts. */
export const Advantages = ({
  turn,
  copies,
  note,
}: {
  readonly turn: TurnView;
  readonly copies: readonly CopyView[];
  readonly note: TreeView['advantages'];
}) => (
  <section aria-labelledby="advantages-title">
    <h3 id="advantages-title">
      Advantage{' '}
      {turn.advantage !== null && <strong className="numeric">{signed(turn.advantage, 3)}</strong>}
    </h3>
    {copies.length > 0 && (
      <table className="copies">
        <thead>
          <tr>
            <th scope="col">leaf</th>
            <th scope="col">advantage</th>
            <th scope="col">
              <span className="words">as a bar</span>
            </th>
            <th scope="col">weight</th>
          </tr>
        </thead>
        <tbody>
          {copies.map((copy, index) => (
            <tr key={index}>
              <th scope="row">
                {copy.outcome !== null && <Glyph name={copy.outcome} size={13} />}{' '}
                {copy.outcome === null ? 'the turn as a whole' : outcomeWords(copy.outcome)}{' '}
                {copy.leaf !== null && (
                  <span className="mono muted leaf-id" title={copy.leaf}>
                    {copy.leaf}
                  </span>
                )}
              </th>
              <td className="numeric">{signed(copy.advantage, 3)}</td>
              <td className="bar">
                <SignedBar value={copy.advantage} />
              </td>
              <td className="numeric">{copy.weight.toFixed(3)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    )}
    <p className="muted small">{note.note}</p>
  </section>
);
