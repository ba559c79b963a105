import { useEffect, useRef } from 'react';

import type { TreePlace, TreeView, TurnView } from '../../shared/views.js';
import { SiblingColumn } from './sibling-column.js';

/** The children of one turn side by side: the same observation, and what became of each response to it. */
export const SiblingsDialog = ({
  view,
  place,
  turn,
  onSelect,
  onClose,
}: {
  readonly view: TreeView;
  readonly place: TreePlace;
  readonly turn: TurnView;
  readonly onSelect: (node: string) => void;
  readonly onClose: () => void;
}) => {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const siblings = view.turns.filter(({ parent }) => parent === turn.parent);
  return (
    <dialog ref={dialog} className="siblings" aria-labelledby="siblings-title" onClose={onClose}>
      <header>
        <h2 id="siblings-title">
          {turn.parent === null
            ? 'The roots'
            : `Turn ${turn.index}: the children of ${turn.parent}`}
        </h2>
        <button type="button" onClick={() => dialog.current?.close()}>
          Close
        </button>
      </header>
      <p className="observation">{turn.observation}</p>
      <div className="columns" tabIndex={0} role="region" aria-label="Siblings side by side">
        {siblings.map((each, index) => (
          <SiblingColumn
            key={each.id}
            view={view}
            place={place}
            turn={each}
            title={`${turn.parent === null ? 'Root' : 'Child'} ${index}`}
            current={each.id === turn.id}
            onOpen={() => {
              onSelect(each.id);
              dialog.current?.close();
            }}
          />
        ))}
      </div>
    </dialog>
  );
};
