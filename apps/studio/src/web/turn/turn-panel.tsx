import { count, nats, plural } from '../../shared/format.js';
import type { TreePlace, TreeView, TurnView } from '../../shared/views.js';
import { Advantages } from './advantages.js';
import { HeatMap } from './heat-map.js';
import { TurnChips } from './turn-chips.js';
import { useTurn } from './use-turn.js';

/** Everything of one turn. */
export const TurnPanel = ({
  view,
  place,
  turn,
  onSelect,
  onSiblings,
}: {
  readonly view: TreeView;
  readonly place: TreePlace;
  readonly turn: TurnView;
  readonly onSelect: (node: string) => void;
  readonly onSiblings: () => void;
}) => {
  const { value: detail, error } = useTurn(view, place, turn.id);
  const siblings = view.turns.filter(({ parent }) => parent === turn.parent);
  const child = view.turns.find(({ parent }) => parent === turn.id);
  const { parent } = turn;
  return (
    <aside className="turn-panel" aria-label={`Turn ${turn.index}`}>
      <header>
        <h2>
          Turn {turn.index}{' '}
          <span className="mono muted node-id" title={turn.id}>
            {turn.id}
          </span>
        </h2>
        <div className="steps">
          <button
            type="button"
            aria-label="Turn before"
            disabled={parent === null}
            onClick={() => parent !== null && onSelect(parent)}
          >
            ‹
          </button>
          <button
            type="button"
            aria-label="Turn after"
            disabled={child === undefined}
            onClick={() => child !== undefined && onSelect(child.id)}
          >
            ›
          </button>
          <button type="button" disabled={siblings.length < 2} onClick={onSiblings}>
            {siblings.length < 2 ? 'No sibling' : plural(siblings.length, 'sibling', 'siblings')}
          </button>
        </div>
      </header>
      <TurnChips turn={turn} />
      <section aria-labelledby="observed-title">
        <h3 id="observed-title">Observed</h3>
        <p className="observation">{turn.observation}</p>
      </section>
      <section aria-labelledby="response-title">
        <h3 id="response-title">
          Response{' '}
          <span className="muted numeric">
            {plural(turn.tokens, 'token', 'tokens')}, log-probability {nats(turn.logProb)}
          </span>
        </h3>
        {detail === undefined ? (
          <p className="response">{turn.text}</p>
        ) : (
          <HeatMap tokens={detail.tokens} text={turn.text} />
        )}
        {error !== undefined && <p className="warn">{error}</p>}
      </section>
      <section aria-labelledby="action-title">
        <h3 id="action-title">Action, and what came of it</h3>
        <p className="action-line">
          <span className="mono">{turn.action === '' ? '(empty)' : turn.action}</span>
        </p>
        <p className="observation">{turn.next.observation}</p>
        <p className="muted small">
          score {turn.next.score}, {turn.next.status}
        </p>
      </section>
      <Advantages turn={turn} copies={detail?.copies ?? []} note={view.advantages} />
      {detail !== undefined && (
        <details className="prompt">
          <summary>Prompt, {count(detail.promptTokens)} tokens</summary>
          {detail.prompt === null ? (
            <p className="muted">
              Its text is not known: the run has no tokenizer that fits its tokens.
            </p>
          ) : (
            <pre tabIndex={0} aria-label="Prompt">
              {detail.prompt}
            </pre>
          )}
          <p className="muted small">
            policy version {detail.policyVersion}, ended by {detail.finish}
            {detail.rating !== null && `, rated ${detail.rating}`}
          </p>
        </details>
      )}
    </aside>
  );
};
