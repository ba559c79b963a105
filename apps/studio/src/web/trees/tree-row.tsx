import { count, plural } from '../../shared/format.js';
import type { TreeCard, TreePlace } from '../../shared/views.js';
import { treeHash } from '../app/route.js';
import { Chip } from '../ui/chip.js';
import { OutcomeBar, outcomesInWords } from '../ui/outcome-bar.js';

/** A tree in the list. */
export const TreeRow = ({
  tree,
  place,
}: {
  readonly tree: TreeCard;
  readonly place: TreePlace;
}) => (
  <li className="card tree-row">
    <div className="what">
      <h2>
        <a href={treeHash(place)}>{tree.instruction === '' ? tree.task : tree.instruction}</a>
      </h2>
      <p className="muted">
        {tree.kind !== null && <>{tree.kind} · </>}
        <span className="mono">{tree.task}</span>
      </p>
      {tree.problems.length > 0 && (
        <p className="warn">
          {tree.problems[0]!.place}: {tree.problems[0]!.reason}
        </p>
      )}
    </div>
    <div className="ends">
      <OutcomeBar counts={tree.outcomes} />
      <span>{outcomesInWords(tree.outcomes)}</span>
    </div>
    <div className="numbers muted">
      <span>{plural(tree.turns, 'turn', 'turns')}</span>
      <span>{count(tree.tokens)} tokens</span>
      <span>
        {tree.opened} of {tree.limit} leaves
      </span>
    </div>
    <div className="chips">
      {!tree.finished && tree.problems.length === 0 && <Chip tone="live">growing</Chip>}
      {tree.forks > 0 && (
        <Chip tone="explore" glyph="fork">
          {plural(tree.forks, 'fork', 'forks')}
        </Chip>
      )}
      {tree.invalid > 0 && (
        <Chip tone="invalid" glyph="invalid">
          {tree.invalid} invalid
        </Chip>
      )}
      {tree.problems.length > 0 && (
        <Chip tone="failure" glyph="failed">
          damaged
        </Chip>
      )}
    </div>
  </li>
);
