import { parseInput, type Turn } from '@spark-rl/core';
import { z } from 'zod';

import type { GroupLeaf } from '../group/group.js';

const optionsSchema = z.strictObject({
  planning: z.number().min(0).default(1),
  explore: z.number().min(0).default(1),
  reflection: z.number().min(0).default(1),
  modes: z
    .strictObject({
      planning: z.string().default('planning'),
      explore: z.string().default('explore'),
      reflection: z.string().default('reflection'),
    })
    .prefault({}),
  succeeded: z
    .custom<(member: GroupLeaf) => boolean>((value) => typeof value === 'function')
    .default(() => (member: GroupLeaf) => member.leaf.outcome === 'success'),
});

/** The settings of {@link tagRewards}: what each tag earns, and which modes of a response are meant. */
export type TagRewardsOptions = z.input<typeof optionsSchema>;

/** What the tag of a turn earned on the path of a leaf; a tag without a rule is null. */
export interface TagReward {
  readonly tag: 'planning' | 'explore' | 'reflection' | null;
  readonly reward: number;
}

/** Whether the turn did something: a valid response with an action that was, as far as anybody asked, admissible. */
const took = (turn: Turn): boolean => turn.response.valid && turn.admissible !== false;

/**
 * The rule rewards of RLVMR (arXiv 2507.22844; code copied in https://github.com/rhyang2021/CogRouter, `rlvmr/core_rlvmr.py`) for the turns of a leaf's
 * path:
 * - planning earns `planning` when the leaf succeeds;
 * - explore earns `explore` when no valid turn before it on the path had the same action;
 * - reflection earns `reflection` when the turn before was invalid or its action not admissible (or there is none before), and the action is
 *   another one;
 * - monitor, any other mode, and invalid responses earn nothing and have no tag.
 */
export function tagRewards(
  options: TagRewardsOptions = {},
): (member: GroupLeaf) => readonly TagReward[] {
  const settings = parseInput(optionsSchema, options, 'options of tagRewards');
  const { modes } = settings;
  return (member) => {
    const tried = new Set<string>();
    return member.path.map((turn, i): TagReward => {
      const { valid, mode } = turn.response;
      if (!valid) return { tag: null, reward: 0 };
      const before = member.path[i - 1];
      const isNew = !tried.has(turn.action);
      tried.add(turn.action);
      if (mode === modes.planning)
        return { tag: 'planning', reward: settings.succeeded(member) ? settings.planning : 0 };
      if (mode === modes.explore) return { tag: 'explore', reward: isNew ? settings.explore : 0 };
      if (mode === modes.reflection) {
        const corrects = before === undefined || (!took(before) && before.action !== turn.action);
        return { tag: 'reflection', reward: corrects ? settings.reflection : 0 };
      }
      return { tag: null, reward: 0 };
    });
  };
}
