import { memo } from 'react';

import { outcomeWords, signed } from '../../shared/format.js';
import { countAll } from '../../shared/outcome-counts.js';
import { Glyph } from '../ui/glyph.js';
import { OutcomeBar } from '../ui/outcome-bar.js';
import type { Density } from './density.js';
import type { PlacedTurn } from './tree-layout.js';
import { actionOf, fateOf, turnInWords } from './turn-words.js';

/** A turn of the tree, with the ends of paths that stand at it. */
export const TreeNode = memo(
  ({
    placed,
    density,
    id,
    selected,
    onPath,
    faded,
    onSelect,
  }: {
    readonly placed: PlacedTurn;
    readonly density: Density;
    readonly id: string;
    readonly selected: boolean;
    readonly onPath: boolean;
    readonly faded: boolean;
    readonly onSelect: (node: string) => void;
  }) => {
    const { turn, leaves, x, y } = placed;
    const shared = countAll(turn.below);
    const classes = [
      'node',
      density.name,
      `fate-${fateOf(turn)}`,
      selected && 'selected',
      onPath && 'on-path',
      faded && 'faded',
      !turn.valid && 'is-invalid',
      turn.mode === 'explore' && 'is-explore',
      turn.grantedWidth > 1 && 'is-fork',
      turn.admissible === false && 'is-unavailable',
      shared > 1 && 'is-shared',
    ].filter((name) => typeof name === 'string');
    const mark = !turn.valid ? 'invalid' : turn.mode === 'explore' ? 'explore' : 'think';
    return (
      <>
        <div
          id={id}
          role="treeitem"
          aria-level={turn.index + 1}
          aria-selected={selected}
          className={classes.join(' ')}
          style={{
            left: x - density.nodeWidth / 2,
            top: y - density.nodeHeight / 2,
            width: density.nodeWidth,
            height: density.nodeHeight,
          }}
          title={density.name === 'dots' ? `${turn.index}: ${actionOf(turn)}` : undefined}
          onClick={() => onSelect(turn.id)}
        >
          <span className="words">{turnInWords(turn, leaves)}</span>
          {density.name === 'dots' ? (
            <Glyph name={mark} size={!turn.valid || turn.mode === 'explore' ? 14 : 12} />
          ) : (
            <>
              <span className="line" aria-hidden="true">
                <Glyph name={mark} size={13} />
                <span className="action">{actionOf(turn)}</span>
                {turn.grantedWidth > 1 && (
                  <span className="width">
                    <Glyph name="fork" size={12} />
                    {turn.grantedWidth}
                  </span>
                )}
                {turn.requestedWidth > turn.grantedWidth && <Glyph name="refused" size={12} />}
              </span>
              {density.name === 'cards' && (
                <span className="line small" aria-hidden="true">
                  <span>
                    {turn.advantage === null
                      ? `${turn.tokens} tokens`
                      : `A ${signed(turn.advantage)}`}
                  </span>
                  {turn.admissible === false && <span className="no-effect">not admissible</span>}
                  {shared > 1 && (
                    <span className="sharing">
                      <Glyph name="shared" size={12} />×{shared}
                    </span>
                  )}
                </span>
              )}
              <OutcomeBar counts={turn.below} />
            </>
          )}
        </div>
        {leaves.map((leaf, index) => (
          <span
            key={leaf.id}
            className={faded ? 'leaf faded' : 'leaf'}
            title={outcomeWords(leaf.outcome)}
            style={{
              left: x + density.nodeWidth / 2 + 5 + index * (density.leafSize + 2),
              top: y - density.leafSize / 2,
            }}
          >
            <Glyph name={leaf.outcome} size={density.leafSize} />
          </span>
        ))}
      </>
    );
  },
);
