import { plural } from '../../shared/format.js';
import { countAll } from '../../shared/outcome-counts.js';
import type { TurnView } from '../../shared/views.js';
import { Chip } from '../ui/chip.js';

/** What is special about a turn. */
export const TurnChips = ({ turn }: { readonly turn: TurnView }) => {
  const shared = countAll(turn.below);
  const refused = turn.requestedWidth - turn.grantedWidth;
  return (
    <p className="chips">
      {!turn.valid && (
        <Chip tone="invalid" glyph="invalid">
          invalid{turn.reason === null ? '' : `: ${turn.reason}`}
        </Chip>
      )}
      {turn.mode === 'explore' && (
        <Chip tone="explore" glyph="explore">
          explores
        </Chip>
      )}
      {turn.mode !== null && turn.mode !== 'explore' && <Chip>{turn.mode}</Chip>}
      {turn.grantedWidth > 1 && (
        <Chip tone="explore" glyph="fork">
          forks into {turn.grantedWidth}
        </Chip>
      )}
      {refused > 0 && (
        <Chip glyph="refused">{plural(refused, 'child', 'children')} refused: budget full</Chip>
      )}
      {shared > 1 && (
        <Chip tone="shared" glyph="shared">
          shared by {plural(shared, 'leaf', 'leaves')}
        </Chip>
      )}
      {turn.admissible === false && <Chip tone="warn">not admissible</Chip>}
      {turn.next.status === 'success' && (
        <Chip tone="success" glyph="success">
          success
        </Chip>
      )}
      {turn.next.status === 'failure' && (
        <Chip tone="failure" glyph="failure">
          failure
        </Chip>
      )}
      {turn.next.status === 'truncated' && (
        <Chip tone="truncated" glyph="truncated">
          turn limit
        </Chip>
      )}
    </p>
  );
};
