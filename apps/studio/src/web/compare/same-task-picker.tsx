import { setTitle } from '../../shared/set-names.js';
import type { SameTaskTree, TreePlace } from '../../shared/views.js';
import { compareHash } from '../app/route.js';
import { outcomesInWords } from '../ui/outcome-bar.js';

/** A place as one text. */
export const placeKey = ({ run, set, file }: TreePlace): string => `${run} ${set} ${file}`;

/** Trees by their runs, the first run first. */
const byRun = (trees: readonly SameTaskTree[]): ReadonlyMap<string, readonly SameTaskTree[]> => {
  const runs = new Map<string, SameTaskTree[]>();
  for (const tree of trees) runs.set(tree.run, [...(runs.get(tree.run) ?? []), tree]);
  return runs;
};

/** Chooses which other tree of the same task stands beside the first. */
export const SameTaskPicker = ({
  a,
  chosen,
  trees,
}: {
  readonly a: TreePlace;
  readonly chosen: TreePlace;
  readonly trees: readonly SameTaskTree[];
}) => (
  <div className="tools">
    <label>
      <span>Beside</span>
      <select
        value={placeKey(chosen)}
        onChange={(event) => {
          const next = trees.find((each) => placeKey(each) === event.target.value);
          if (next !== undefined) window.location.hash = compareHash(a, next);
        }}
      >
        {[...byRun(trees)].map(([run, own]) => (
          <optgroup key={run} label={run}>
            {own.map((each) => (
              <option key={placeKey(each)} value={placeKey(each)}>
                {setTitle(each.set)}: {outcomesInWords(each.outcomes)}
              </option>
            ))}
          </optgroup>
        ))}
      </select>
    </label>
    <a className="button" href={compareHash(chosen, a)}>
      Swap
    </a>
  </div>
);
