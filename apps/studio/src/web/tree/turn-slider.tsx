import { useEffect, useState } from 'react';

import type { TreeView } from '../../shared/views.js';

const PACE = 700;

/** Shows the tree up to a turn, and how full the budget was then; it can run by itself. */
export const TurnSlider = ({
  view,
  until,
  onChange,
}: {
  readonly view: TreeView;
  readonly until: number;
  readonly onChange: (until: number) => void;
}) => {
  const last = view.budget.length - 1;
  const at = Math.min(until, last);
  const [playing, setPlaying] = useState(false);
  useEffect(() => {
    if (!playing) return;
    if (at >= last) {
      setPlaying(false);
      return;
    }
    const timer = setTimeout(() => onChange(at + 1 >= last ? Infinity : at + 1), PACE);
    return () => clearTimeout(timer);
  }, [playing, at, last, onChange]);
  if (last < 0) return null;
  const { opened } = view.budget[at]!;
  return (
    <div className="turn-slider">
      <button
        type="button"
        aria-label={playing ? 'Pause' : 'Play the growth of the tree'}
        onClick={() => {
          if (!playing && at >= last) onChange(0);
          setPlaying(!playing);
        }}
      >
        {playing ? '❚❚' : '▶'}
      </button>
      <input
        type="range"
        min={0}
        max={last}
        value={at}
        aria-label="Show the tree up to turn"
        aria-valuetext={`turn ${at}, ${opened} of ${view.limit} leaves opened`}
        onChange={(event) => {
          const value = Number(event.target.value);
          onChange(value >= last ? Infinity : value);
        }}
      />
      <span className="muted numeric">
        turn {at} of {last}: {opened}/{view.limit} leaves
      </span>
    </div>
  );
};
