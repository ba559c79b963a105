import type { Wording } from '../wording.js';
import { emptyMemory, remember } from './memory.js';
import { plan } from './plan.js';
import { readTask } from './task-sentence.js';

/** A game as somebody played it so far. */
export interface PlayedSoFar {
  /** What is to be achieved, in the game's words. */
  readonly instruction: string;
  /** What was observed at the start. */
  readonly intro: string;
  readonly steps: readonly { readonly command: string; readonly observation: string }[];
  readonly wording?: Wording;
}

/**
 * What the expert would do next in a game that somebody else has played so far: it knows what that player has seen, no more.
 *
 * @throws InvalidInputError for a task sentence that is not ALFWorld's
 */
export function expertAdvice(played: PlayedSoFar): {
  readonly action: string;
  readonly reasoning: string;
} {
  const memory = emptyMemory();
  remember(memory, null, played.intro);
  for (const { command, observation } of played.steps) {
    remember(memory, command.trim(), observation);
  }
  const { action, aim, note, search } = plan({
    memory,
    task: readTask(played.instruction),
    wording: played.wording ?? '2.1.2',
    choose: (places) => places[0]!,
  });
  return { action, reasoning: `${aim}. ${search === null ? note : 'not seen it yet'}` };
}
