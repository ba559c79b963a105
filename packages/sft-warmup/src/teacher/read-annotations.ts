import { InvalidInputError, parseInput, showValue, type ExpertTurn } from '@spark-rl/core';
import { z } from 'zod';

import type { ActionPath } from './action-path.js';
import type { ModeMeanings } from './annotation-prompt.js';

const remedy = 'Ask again.';

/** The list without the fence that chat models like to put around it. */
const unfenced = (text: string): string =>
  /^```(?:json)?\s*\n([^]*?)\n?```$/.exec(text.trim())?.[1] ?? text;

function parseList(text: string): unknown {
  try {
    return JSON.parse(unfenced(text));
  } catch (cause) {
    throw new InvalidInputError(`the answer is no JSON (${showValue(text)})`, {
      field: 'answer',
      value: text,
      remedy,
      cause,
    });
  }
}

/** Takes annotations apart: a list as long as the path, known modes, reasoning that says something, and exactly the actions of the path. */
export function checkAnnotations(
  value: unknown,
  { steps }: Pick<ActionPath, 'steps'>,
  modes: ModeMeanings,
): readonly ExpertTurn[] {
  const turn = z.strictObject({
    mode: z.enum(Object.keys(modes) as [string, ...string[]]),
    reasoning: z.string().trim().min(1, 'give reasoning that says something'),
    action: z.string().trim(),
  });
  const turns = parseInput(
    z.array(turn).length(steps.length, `give exactly ${steps.length} objects, one a turn`),
    value,
    'annotations',
    remedy,
  );
  const other = turns.findIndex(({ action }, i) => action !== steps[i]!.action.trim());
  if (other >= 0) {
    throw new InvalidInputError(
      `annotations: ${other}.action: the agent did ${showValue(steps[other]!.action)} at turn ${other + 1}, not ${showValue(turns[other]!.action)}`,
      { field: `${other}.action`, value: turns[other]!.action, remedy },
    );
  }
  // The path's own action, to the character: white space at its ends may matter to its world.
  return turns.map(({ mode, reasoning }, i) => ({ mode, reasoning, action: steps[i]!.action }));
}

/**
 * Reads a teacher's answer.
 *
 * @throws InvalidInputError saying what is wrong in words that can be given back to the teacher
 */
export const readAnnotations = (
  text: string,
  path: Pick<ActionPath, 'steps'>,
  modes: ModeMeanings,
): readonly ExpertTurn[] => checkAnnotations(parseList(text), path, modes);
