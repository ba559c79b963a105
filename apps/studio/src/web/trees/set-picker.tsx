import { plural } from '../../shared/format.js';
import { setTitle } from '../../shared/set-names.js';
import type { TreeSet } from '../../shared/views.js';
import { treesHash } from '../app/route.js';

const Sets = ({ title, sets }: { readonly title: string; readonly sets: readonly TreeSet[] }) =>
  sets.length === 0 ? null : (
    <optgroup label={title}>
      {sets.map(({ name, trees }) => (
        <option key={name} value={name}>
          {setTitle(name)}: {plural(trees, 'tree', 'trees')}
        </option>
      ))}
    </optgroup>
  );

/** Goes from one set of trees to another. */
export const SetPicker = ({
  run,
  sets,
  chosen,
}: {
  readonly run: string;
  readonly sets: readonly TreeSet[];
  readonly chosen: string;
}) => {
  const index = sets.findIndex(({ name }) => name === chosen);
  const go = (set: TreeSet | undefined): void => {
    if (set !== undefined) window.location.hash = treesHash(run, set.name);
  };
  return (
    <div className="set-picker">
      <button
        type="button"
        aria-label="Set before"
        disabled={index <= 0}
        onClick={() => go(sets[index - 1])}
      >
        ‹
      </button>
      <select
        aria-label="Set of trees"
        value={chosen}
        onChange={(event) => go(sets.find(({ name }) => name === event.target.value))}
      >
        <Sets title="Training" sets={sets.filter(({ step }) => step !== null)} />
        <Sets title="Grown later" sets={sets.filter(({ step }) => step === null)} />
      </select>
      <button
        type="button"
        aria-label="Set after"
        disabled={index < 0 || index >= sets.length - 1}
        onClick={() => go(sets[index + 1])}
      >
        ›
      </button>
    </div>
  );
};
