import type { TreeSet } from '../../shared/views.js';
import { treesHash } from '../app/route.js';

const nameOf = ({ name, step, trees }: TreeSet): string =>
  `${step === null ? name : `Step ${step}`} (${trees})`;

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
        {sets.map((set) => (
          <option key={set.name} value={set.name}>
            {nameOf(set)}
          </option>
        ))}
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
