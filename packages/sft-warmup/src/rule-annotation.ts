import { InvalidInputError } from '@spark-rl/core';

import type { ExpertEpisode } from './expert-episode.js';
import type { ActionPath } from './teacher/action-path.js';

/** What a rule sees of a turn: the path, and where it stands. Rules may look at what came before, not at what comes later. */
export interface RuleContext {
  readonly path: ActionPath;
  /** The turn's index, from 0. */
  readonly index: number;
  readonly observation: string;
  readonly action: string;
}

/** Why a turn was done, in a mode. */
export type AnnotationRule = (context: RuleContext) => {
  readonly mode: string;
  readonly reasoning: string;
};

/**
 * Annotates a path by a rule, where no teacher is needed: where what is uncertain can be told from what was seen and done.
 *
 * @throws InvalidInputError naming a turn that the rule gives no reasoning
 */
export function annotateByRule(path: ActionPath, rule: AnnotationRule): ExpertEpisode {
  const { task, instruction, steps } = path;
  return {
    task,
    instruction,
    steps: steps.map(({ observation, action, admissible }, index) => {
      const { mode, reasoning } = rule({ path, index, observation, action });
      if (reasoning.trim() === '') {
        throw new InvalidInputError(`the rule gives no reasoning for turn ${index} of ${task.id}`, {
          field: 'reasoning',
          value: reasoning,
          remedy: 'Give every turn a sentence.',
        });
      }
      return {
        observation,
        turn: { mode, reasoning, action },
        ...(admissible === undefined ? {} : { admissible }),
      };
    }),
  };
}

/**
 * The same episodes in the modes of another grammar, so that one expert warms all methods up: `relabelModes(episodes, () => 'think')` for
 * ReAct, or a rule that names RLVMR's modes by what happened.
 */
export const relabelModes = (
  episodes: readonly ExpertEpisode[],
  modeOf: (
    turn: ExpertEpisode['steps'][number]['turn'],
    index: number,
    episode: ExpertEpisode,
  ) => string,
): readonly ExpertEpisode[] =>
  episodes.map((episode) => ({
    ...episode,
    steps: episode.steps.map((step, index) => ({
      ...step,
      turn: { ...step.turn, mode: modeOf(step.turn, index, episode) },
    })),
  }));
