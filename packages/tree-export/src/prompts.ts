import { conversationBefore, type Message, type Tree, type Turn } from '@spark-rl/core';

/** How prompts are written. */
export interface PromptOptions {
  /**
   * Token ids as text. With it, prompts and completions are texts, exactly what the policy was shown and wrote. Without it they are
   * chats: observations from the user, responses from the assistant.
   */
  readonly decode?: (tokens: Int32Array) => string;
}

/** A text, or a chat. */
export type Written = string | readonly Message[];

/** What stands before a turn's response. */
export const promptOf = (tree: Tree, turn: Turn, { decode }: PromptOptions): Written =>
  decode === undefined ? conversationBefore(tree, turn) : decode(turn.generation.promptTokens);

/** A turn's response in the same form. */
export const completionOf = (turn: Turn, { decode }: PromptOptions): Written =>
  decode === undefined
    ? [{ role: 'assistant', content: turn.generation.text }]
    : turn.generation.text;
