import { plural } from '../../shared/format.js';
import { replaceQuery, runHash } from '../app/route.js';
import { Shell } from '../app/shell.js';
import { useSource } from '../app/source-context.js';
import { useData } from '../app/use-data.js';
import { Notice } from '../ui/notice.js';
import { SetPicker } from './set-picker.js';
import {
  TREE_FILTERS,
  TREE_ORDERS,
  chooseTrees,
  type TreeFilter,
  type TreeOrder,
} from './tree-filters.js';
import { TreeRow } from './tree-row.js';

const oneOf = <Value extends string>(
  given: string | null,
  options: readonly (readonly [Value, string])[],
): Value => options.find(([value]) => value === given)?.[0] ?? options[0]![0];

/** The trees of a run, set by set. */
export const TreesPage = ({
  run,
  query,
}: {
  readonly run: string;
  readonly query: URLSearchParams;
}) => {
  const source = useSource();
  const every = source.live ? 3000 : 0;
  const { value: view, error: runError } = useData(`run ${run}`, () => source.run(run), every);
  const sets = view?.sets ?? [];
  const asked = query.get('set');
  const set = (
    sets.find(({ name }) => name === asked) ??
    sets.findLast(({ step }) => step !== null) ??
    sets.at(-1)
  )?.name;
  const { value: trees, error } = useData(
    set === undefined ? null : `trees ${run} ${set}`,
    () => source.trees(run, set!),
    every,
  );
  const search = query.get('q') ?? '';
  const filter: TreeFilter = oneOf(query.get('show') as TreeFilter | null, TREE_FILTERS);
  const order: TreeOrder = oneOf(query.get('by') as TreeOrder | null, TREE_ORDERS);
  const chosen = chooseTrees(trees ?? [], search, filter, order);
  const failed = runError ?? error;
  return (
    <Shell
      crumbs={[{ text: 'Runs', href: '#/' }, { text: run, href: runHash(run) }, { text: 'Trees' }]}
    >
      <header className="page-head">
        <div>
          <h1>Trees</h1>
          {trees !== undefined && (
            <p className="muted" role="status">
              {chosen.length === trees.length
                ? plural(trees.length, 'tree', 'trees')
                : `${chosen.length} of ${plural(trees.length, 'tree', 'trees')}`}
            </p>
          )}
        </div>
        {set !== undefined && (
          <div className="tools">
            <SetPicker run={run} sets={sets} chosen={set} />
            <input
              type="search"
              placeholder="Search tasks"
              aria-label="Search tasks"
              value={search}
              onChange={(event) => replaceQuery({ q: event.target.value })}
            />
            <label>
              <span>Show</span>
              <select
                aria-label="Show"
                value={filter}
                onChange={(event) => replaceQuery({ show: event.target.value })}
              >
                {TREE_FILTERS.map(([value, text]) => (
                  <option key={value} value={value}>
                    {text}
                  </option>
                ))}
              </select>
            </label>
            <label>
              <span>By</span>
              <select
                aria-label="By"
                value={order}
                onChange={(event) => replaceQuery({ by: event.target.value })}
              >
                {TREE_ORDERS.map(([value, text]) => (
                  <option key={value} value={value}>
                    {text}
                  </option>
                ))}
              </select>
            </label>
          </div>
        )}
      </header>
      {failed !== undefined && (
        <Notice title="The trees cannot be read.">
          <p>{failed}</p>
        </Notice>
      )}
      {view !== undefined && set === undefined && (
        <Notice title="There is no tree yet.">
          <p>Trees are recorded from the first step of reinforcement on, after the warm-up.</p>
        </Notice>
      )}
      {trees !== undefined && chosen.length === 0 && <Notice title="No tree matches the search." />}
      <ul className="cards">
        {chosen.map((tree) => (
          <TreeRow key={tree.file} tree={tree} place={{ run, set: set!, file: tree.file }} />
        ))}
      </ul>
    </Shell>
  );
};
