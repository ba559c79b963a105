/** Settings of an episode that belong together. */
export interface ScienceworldPreset {
  readonly simplifications: string;
  /** After how many actions an episode is cut off; null for no limit. */
  readonly maxActions: number | null;
  /** An episode is cut off when the world has ticked more often than this; null for no limit. */
  readonly maxTicks: number | null;
  /** How many past turns the agent is shown; the protocol's business, named here because it belongs to the preset. */
  readonly history: number;
}

/**
 * `spark`: the paper's code: easy, 30 actions, the last 5 turns. Its wrapper also ends an episode after 100 ticks, as the official
 * class does, but within 30 actions only waiting gets there; set `maxTicks` to 100 to have that, too.
 *
 * `official`: the defaults of the official class: nothing simplified, 100 ticks, however many actions.
 */
export const SCIENCEWORLD_PRESETS = {
  spark: { simplifications: 'easy', maxActions: 30, maxTicks: null, history: 5 },
  official: { simplifications: '', maxActions: null, maxTicks: 100, history: 0 },
} as const satisfies Readonly<Record<string, ScienceworldPreset>>;
