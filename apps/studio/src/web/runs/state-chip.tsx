import type { RunState } from '../../shared/views.js';

/** What a run is doing. */
export const StateChip = ({ state }: { readonly state: RunState }) => (
  <span className={`state state-${state}`}>
    <span className="dot" aria-hidden="true" />
    {state}
  </span>
);
