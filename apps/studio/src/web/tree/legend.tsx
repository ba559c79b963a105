import { Glyph, type GlyphName } from '../ui/glyph.js';

const ENTRIES: readonly (readonly [name: GlyphName, what: string])[] = [
  ['explore', 'explores'],
  ['fork', 'forks'],
  ['refused', 'fork refused: budget full'],
  ['shared', 'shared by leaves'],
  ['invalid', 'invalid response'],
  ['success', 'success'],
  ['failure', 'failure'],
  ['truncated', 'turn limit'],
  ['failed', 'lost to a failure'],
];

/** What the shapes and colours of a tree mean. */
export const Legend = () => (
  <ul className="tree-legend" aria-label="Legend">
    {ENTRIES.map(([name, what]) => (
      <li key={name}>
        <Glyph name={name} size={14} /> {what}
      </li>
    ))}
  </ul>
);
