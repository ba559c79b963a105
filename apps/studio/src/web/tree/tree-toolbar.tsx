import { plural } from '../../shared/format.js';
import type { TreeView } from '../../shared/views.js';
import { Segmented } from '../ui/segmented.js';
import type { DensityName } from './density.js';
import { TURN_FILTERS, type TurnFilter } from './turn-filters.js';
import { TurnSlider } from './turn-slider.js';

/** What the tree is looked at with. */
export interface TreeLook {
  readonly density: DensityName;
  readonly search: string;
  readonly filter: TurnFilter;
  readonly until: number;
}

/** Size, search, filters and time. */
export const TreeToolbar = ({
  view,
  look,
  found,
  onChange,
  onNext,
  onFit,
}: {
  readonly view: TreeView;
  readonly look: TreeLook;
  readonly found: number | undefined;
  readonly onChange: (change: Partial<TreeLook>) => void;
  readonly onNext: (backwards: boolean) => void;
  readonly onFit: () => void;
}) => (
  <div className="tree-toolbar" role="toolbar" aria-label="The view of the tree">
    <input
      type="search"
      placeholder="Search turns"
      aria-label="Search turns"
      value={look.search}
      onChange={(event) => onChange({ search: event.target.value })}
      onKeyDown={(event) => {
        if (event.key === 'Enter') onNext(event.shiftKey);
      }}
    />
    <label>
      <span>Show</span>
      <select
        aria-label="Show"
        value={look.filter}
        onChange={(event) => onChange({ filter: event.target.value as TurnFilter })}
      >
        {TURN_FILTERS.map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </label>
    {found !== undefined && (
      <span className="found" role="status">
        <span>{plural(found, 'turn', 'turns')}</span>
        <button
          type="button"
          aria-label="Turn found before"
          disabled={found === 0}
          onClick={() => onNext(true)}
        >
          ‹
        </button>
        <button
          type="button"
          aria-label="Next turn found"
          disabled={found === 0}
          onClick={() => onNext(false)}
        >
          ›
        </button>
      </span>
    )}
    <TurnSlider view={view} until={look.until} onChange={(until) => onChange({ until })} />
    <Segmented
      label="Size of the turns"
      value={look.density}
      options={[
        ['dots', 'Dots'],
        ['labels', 'Labels'],
        ['cards', 'Cards'],
      ]}
      onChange={(density) => onChange({ density })}
    />
    <button type="button" onClick={onFit}>
      Fit
    </button>
  </div>
);
