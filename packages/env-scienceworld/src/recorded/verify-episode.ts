import { throwIfAborted, type CallOptions } from '@spark-rl/core';

import type { Simulator, SimulatorStep } from '../simulator.js';
import type { RecordedEpisode, RecordedMoment } from './episode.js';
import { takeMoment } from './take-moment.js';

/** Where a replay gave something else than was recorded. */
export interface EpisodeDifference {
  /** 0 for the start, n after the n-th action. */
  readonly step: number;
  /** The action before it; null at the start. */
  readonly action: string | null;
  readonly field: keyof RecordedMoment | 'taskDescription';
  readonly expected: unknown;
  readonly found: unknown;
}

/** What the replay of an episode gave. */
export interface EpisodeReport {
  /** How many moments were recorded: the start and every step. */
  readonly moments: number;
  /** How many of them came out exactly. */
  readonly exact: number;
  /** How many lists of valid actions were compared. */
  readonly lists: number;
  readonly first?: EpisodeDifference;
}

const FIELDS = [
  'obs',
  'rawScore',
  'score',
  'reward',
  'done',
  'moves',
  'look',
  'inv',
  'validCount',
  'validSha',
] as const;

/**
 * Replays a recorded episode in a simulator, with the calls in the recorded order, and compares every moment in every field that
 * the recording has. Every action is taken, also after a difference.
 *
 * @param simulator - one with the call order lean: which lists are asked for follows from the recording
 */
export async function verifyEpisode(
  simulator: Simulator,
  episode: RecordedEpisode,
  options: CallOptions = {},
): Promise<EpisodeReport> {
  let first: EpisodeDifference | undefined;
  let exact = 0;
  let lists = 0;
  let lastScore = 0;

  const check = async (
    step: number,
    action: string | null,
    expected: RecordedMoment,
    answer: SimulatorStep,
  ): Promise<void> => {
    throwIfAborted(options.signal);
    const listed = expected.validSha !== undefined || expected.validCount !== undefined;
    if (listed) lists++;
    const detail = listed ? 'hash' : 'none';
    const { moment: found } = await takeMoment(simulator, answer, lastScore, detail, options);
    lastScore = found.score;
    const wrong = FIELDS.find(
      (field) => expected[field] !== undefined && expected[field] !== found[field],
    );
    if (wrong === undefined && first?.step !== step) exact++;
    else if (wrong !== undefined)
      first ??= { step, action, field: wrong, expected: expected[wrong], found: found[wrong] };
  };

  const { task, variation, simplification: simplifications } = episode;
  // Without a gold path, also for gold episodes: the world is loaded anew after it was made.
  const start = await simulator.load({ task, variation, simplifications }, options);
  if (start.taskDescription !== episode.taskDescription) {
    first = {
      step: 0,
      action: null,
      field: 'taskDescription',
      expected: episode.taskDescription,
      found: start.taskDescription,
    };
  }
  await check(0, null, episode.reset, start);
  for (const [index, step] of episode.steps.entries()) {
    await check(index + 1, step.action, step, await simulator.step(step.action, options));
  }
  const moments = episode.steps.length + 1;
  return { moments, exact, lists, ...(first !== undefined && { first }) };
}
