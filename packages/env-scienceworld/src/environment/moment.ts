import { parseInput, type Observation, type Status } from '@spark-rl/core';
import { z } from 'zod';

/** The pieces that an observation can be put together from. */
export const OBSERVATION_PIECES = ['text', 'look', 'inventory', 'task'] as const;
/** `text`: what the action gave; `look`: the place; `inventory`: what is carried; `task`: the description of the task. */
export type ObservationPiece = (typeof OBSERVATION_PIECES)[number];

const schema = z.object({
  text: z.string(),
  look: z.string().optional(),
  inventory: z.string().optional(),
  task: z.string(),
  rawScore: z.number(),
  ticks: z.int(),
  actions: z.int(),
  validActions: z.array(z.string()).readonly().optional(),
});

/** All that is known of one moment of an episode. */
export interface Moment {
  /** What the last action gave, in the simulator's words. */
  readonly text: string;
  /** The place, where observations show it. */
  readonly look?: string | undefined;
  /** What is carried, where observations show it. */
  readonly inventory?: string | undefined;
  /** The description of the task. */
  readonly task: string;
  /** The simulator's own score, from 0 to 1, or -1. */
  readonly rawScore: number;
  /** How often the world has ticked; the simulator calls them moves. An action takes none, one, or 11 when it waits. */
  readonly ticks: number;
  /** How many actions the agent has taken, refused and misunderstood ones included. */
  readonly actions: number;
  /** What would do something now; absent when agents are not told. */
  readonly validActions?: readonly string[] | undefined;
}

/**
 * A moment as text. It is what a live world answers to `core/replay`, which so compares all of it, ticks and lists included, when
 * it replays a state.
 */
export const momentToText = (moment: Moment): string => JSON.stringify(moment);

/** Reads what {@link momentToText} wrote. */
export const momentFromText = (text: Observation): Moment =>
  parseInput(schema, JSON.parse(text as string), 'a moment of ScienceWorld');

/** What the agent sees of a moment: the pieces in order, one a paragraph. A look around is not shown twice. */
export function observationOf(moment: Moment, pieces: readonly ObservationPiece[]): string {
  const shown: string[] = [];
  for (const piece of pieces) {
    const text = moment[piece]?.trimEnd();
    if (text !== undefined && text !== '' && !shown.includes(text)) shown.push(text);
  }
  return shown.join('\n');
}

/** Where an episode stands, for reports. */
export interface EpisodeCounts {
  readonly actions: number;
  readonly ticks: number;
  readonly score: number;
  readonly status: Status;
}
