import type { GroupLeaf } from '../group/group.js';
import { normalise, type Normalisation } from '../statistics/normalise.js';
import type { Row } from './rows.js';

/**
 * Over what the episode advantage is normalised: `leaves`, each counted once, or `rows`, each leaf counted once a turn as the published
 * codes of GiGPO and RLVMR do by default.
 */
export type EpisodeStatistics = 'leaves' | 'rows';

/**
 * The episode advantage of every row: its leaf's reward relative to the group. Over rows, `fine` is taken off the reward of a row first.
 */
export function episodeAdvantages(
  group: readonly GroupLeaf[],
  rows: readonly Row[],
  fine: (row: Row) => number,
  settings: Normalisation & {
    readonly episode: EpisodeStatistics;
    readonly reaches?: readonly number[] | undefined;
  },
): readonly number[] {
  if (settings.episode === 'rows') {
    return normalise(
      rows.map((row) => group[row.leaf]!.reward - fine(row)),
      settings,
      settings.reaches && rows.map((row) => settings.reaches![row.leaf]!),
    );
  }
  const rewards = group.map(({ reward }) => reward);
  const advantages = normalise(rewards, settings, settings.reaches);
  return rows.map((row) => advantages[row.leaf]!);
}
