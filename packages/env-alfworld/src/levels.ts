import { z } from 'zod';

import { HOUSEHOLD_KINDS, type HouseholdKind } from './generator/data/task-sentences.js';

/**
 * Levels of generalisation, after RLVMR (arXiv 2507.22844): L0 seen rooms and seen kinds of tasks, L1 unseen rooms, L2 unseen
 * rooms and kinds that training never saw. `L-train` is the training split without those kinds.
 */
export const LEVELS = ['L-train', 'L0', 'L1', 'L2'] as const;

/** The kinds that L2 consists of where nothing else is said. */
export const HELD_OUT_KINDS: readonly HouseholdKind[] = [
  'pick_cool_then_place_in_recep',
  'pick_two_obj_and_place',
];

/** Which kinds of tasks the levels hold out. */
export interface Levels {
  /** The kinds that only L2 has; default {@link HELD_OUT_KINDS}. */
  readonly heldOut?: readonly HouseholdKind[];
}

export const heldOutSchema = z.array(z.enum(HOUSEHOLD_KINDS)).readonly().default(HELD_OUT_KINDS);

const BASES: Readonly<Record<string, { readonly split: string; readonly isHeldOut: boolean }>> = {
  'L-train': { split: 'train', isHeldOut: false },
  L0: { split: 'valid_seen', isHeldOut: false },
  L1: { split: 'valid_unseen', isHeldOut: false },
  L2: { split: 'valid_unseen', isHeldOut: true },
};

/** What a split asks for: the split of the games, and which kinds of tasks. Any other split is itself, with all kinds. */
export function levelOf(
  split: string,
  heldOut: readonly string[],
): { readonly split: string; readonly allows: (kind: string | null) => boolean } {
  const base = Object.hasOwn(BASES, split) ? BASES[split] : undefined;
  if (base === undefined) return { split, allows: () => true };
  return {
    split: base.split,
    allows: (kind) => kind !== null && heldOut.includes(kind) === base.isHeldOut,
  };
}
