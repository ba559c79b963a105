import type { CallOptions } from '@spark-rl/core';

import { officialScore } from '../environment/score.js';
import type { Simulator, SimulatorStep } from '../simulator.js';
import type { RecordedMoment } from './episode.js';
import { validShaOf } from './valid-sha.js';

/** Which lists of valid actions are kept: their count and hash, or the actions, too. */
export type ValidDetail = 'none' | 'hash' | 'list';

/** A moment as recordings hold it, and the valid actions where they were asked for. */
export interface TakenMoment {
  readonly moment: RecordedMoment;
  readonly validActions: readonly string[];
}

/**
 * Asks a simulator for what a recording holds of a moment, in the recordings' order of calls: look, inventory, valid actions.
 *
 * @param lastScore - the official score before, for the reward
 */
export async function takeMoment(
  simulator: Simulator,
  step: SimulatorStep,
  lastScore: number,
  valid: ValidDetail,
  options: CallOptions = {},
): Promise<TakenMoment> {
  const score = officialScore(step.rawScore);
  const look = step.look ?? (await simulator.look(options));
  const inv = step.inventory ?? (await simulator.inventory(options));
  const listed =
    step.validActions ?? (valid === 'none' ? undefined : await simulator.validActions(options));
  const moment = {
    obs: step.observation,
    rawScore: step.rawScore,
    score,
    reward: score - lastScore,
    done: step.completed,
    moves: step.moves,
    look,
    inv,
    ...(listed !== undefined && { validCount: listed.length, validSha: validShaOf(listed) }),
    ...(listed !== undefined && valid === 'list' && { validActions: [...listed].sort() }),
  };
  return { moment, validActions: listed ?? [] };
}
