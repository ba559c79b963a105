import { observationText } from './environment.js';
import type { Message } from './policy.js';
import { pathTo, type Tree, type Turn } from './tree.js';

/**
 * The path to a turn as a chat, up to where its response begins: observations are the user's messages, responses the assistant's, and the
 * first message says the task unless the first observation says it already. A plain form of what happened, for readers outside; what the
 * policy itself was shown are the tokens in `generation.promptTokens`.
 */
export function conversationBefore(
  tree: Pick<Tree, 'turns' | 'instruction'>,
  turn: Pick<Turn, 'id'>,
): readonly Message[] {
  return pathTo(tree, turn.id).flatMap((each, index, path): Message[] => {
    const observed = observationText(each.observation);
    const says = index > 0 || observed.includes(tree.instruction);
    const content = says ? observed : `${tree.instruction}\n\n${observed}`;
    const before = path[index - 1];
    return [
      ...(before === undefined
        ? []
        : [{ role: 'assistant' as const, content: before.generation.text }]),
      { role: 'user', content },
    ];
  });
}
