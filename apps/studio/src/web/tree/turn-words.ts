import { outcomeWords, plural, signed } from '../../shared/format.js';
import { countAll } from '../../shared/outcome-counts.js';
import type { LeafView, TurnView } from '../../shared/views.js';
import { outcomesInWords } from '../ui/outcome-bar.js';

/** What the agent did, as short as it can be said. */
export const actionOf = (turn: TurnView): string =>
  turn.valid ? turn.action || '(no action)' : 'invalid response';

/** How a subtree fared, as one word: what its node is coloured by. */
export function fateOf({
  below,
}: TurnView): 'success' | 'mixed' | 'failure' | 'truncated' | 'open' {
  const all = countAll(below);
  if (all === 0) return 'open';
  if (below.success === all) return 'success';
  if (below.success > 0) return 'mixed';
  return below.failure > 0 ? 'failure' : 'truncated';
}

/** All that is to be known of a turn in one line, for screen readers. */
export function turnInWords(turn: TurnView, leaves: readonly LeafView[]): string {
  const shared = countAll(turn.below);
  return [
    `Turn ${turn.index}: ${actionOf(turn)}`,
    turn.mode === 'explore' ? 'explores' : undefined,
    turn.grantedWidth > 1 ? `forks into ${turn.grantedWidth}` : undefined,
    turn.requestedWidth > turn.grantedWidth ? 'was refused a fork' : undefined,
    turn.admissible === false ? 'not admissible' : undefined,
    shared > 1 ? `shared by ${plural(shared, 'leaf', 'leaves')}` : undefined,
    shared > 1 ? outcomesInWords(turn.below) : undefined,
    turn.advantage === null ? undefined : `advantage ${signed(turn.advantage)}`,
    ...leaves.map(({ outcome }) => `ends in ${outcomeWords(outcome)}`),
  ]
    .filter((part) => part !== undefined)
    .join(', ');
}
