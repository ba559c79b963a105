import { useState } from 'react';

import { countOutcomes } from '../../shared/outcome-counts.js';
import { setTitle } from '../../shared/set-names.js';
import type { TreePlace, TreeView } from '../../shared/views.js';
import { treeHash } from '../app/route.js';
import { densityOf, startingDensity } from '../tree/density.js';
import { TreeCanvas } from '../tree/tree-canvas.js';
import { SiblingColumn } from '../turn/sibling-column.js';
import { outcomesInWords } from '../ui/outcome-bar.js';

/** One of two trees, with its own chosen turn. */
export const CompareSide = ({
  name,
  view,
  place,
}: {
  readonly name: string;
  readonly view: TreeView;
  readonly place: TreePlace;
}) => {
  const [node, setNode] = useState<string | null>(view.turns[0]?.id ?? null);
  const turn = view.turns.find(({ id }) => id === node);
  return (
    <section className="compare-side" aria-label={`Tree ${name}`}>
      <header>
        <span className={`side-name side-${name}`} aria-hidden="true">
          {name}
        </span>
        <div>
          <h2>
            <a href={treeHash(place)}>
              {place.run} · {setTitle(place.set)}
            </a>
          </h2>
          <p className="muted">{outcomesInWords(countOutcomes(view.leaves))}</p>
        </div>
      </header>
      <TreeCanvas
        view={view}
        density={densityOf(startingDensity(view.turns.length, true))}
        selected={node}
        matches={undefined}
        until={Infinity}
        onSelect={setNode}
      />
      {turn !== undefined && (
        <SiblingColumn
          view={view}
          place={place}
          turn={turn}
          title={`Turn ${turn.index}`}
          current={false}
        />
      )}
    </section>
  );
};
