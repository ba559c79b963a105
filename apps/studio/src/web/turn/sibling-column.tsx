import { nats, signed } from '../../shared/format.js';
import type { TreePlace, TreeView, TurnView } from '../../shared/views.js';
import { OutcomeBar, outcomesInWords } from '../ui/outcome-bar.js';
import { HeatMap } from './heat-map.js';
import { TurnChips } from './turn-chips.js';
import { useTurn } from './use-turn.js';

/** One of several turns side by side. */
export const SiblingColumn = ({
  view,
  place,
  turn,
  title,
  current,
  onOpen,
}: {
  readonly view: TreeView;
  readonly place: TreePlace;
  readonly turn: TurnView;
  readonly title: string;
  readonly current: boolean;
  readonly onOpen?: () => void;
}) => {
  const { value: detail } = useTurn(view, place, turn.id);
  return (
    <article className={current ? 'sibling current' : 'sibling'}>
      <header>
        <h3>{title}</h3>
        {onOpen !== undefined && (
          <button type="button" onClick={onOpen}>
            Open
          </button>
        )}
      </header>
      <TurnChips turn={turn} />
      <p className="ends">
        <OutcomeBar counts={turn.below} />
        <span>{outcomesInWords(turn.below)}</span>
      </p>
      {detail === undefined ? (
        <p className="response">{turn.text}</p>
      ) : (
        <HeatMap tokens={detail.tokens} text={turn.text} />
      )}
      <dl className="sibling-facts">
        <div>
          <dt>action</dt>
          <dd className="mono">{turn.action === '' ? '(empty)' : turn.action}</dd>
        </div>
        <div>
          <dt>then</dt>
          <dd>{turn.next.observation}</dd>
        </div>
        <div>
          <dt>advantage</dt>
          <dd className="numeric">{turn.advantage === null ? '–' : signed(turn.advantage, 3)}</dd>
        </div>
        <div>
          <dt>log-probability</dt>
          <dd className="numeric">
            {nats(turn.logProb)} over {turn.tokens} tokens
          </dd>
        </div>
      </dl>
    </article>
  );
};
