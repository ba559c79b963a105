import {
  conversationBefore,
  siblingPairs,
  type Message,
  type SiblingPairOptions,
} from '@spark-rl/core';

import { ownLeavesBelow, successShare } from './credited-turns.js';
import type { ExportedTree } from './exported-tree.js';
import { completionOf, promptOf, type PromptOptions, type Written } from './prompts.js';

/** A row of TRL's prompt-completion form, for `SFTTrainer`. */
export interface PromptCompletionRow {
  readonly prompt: Written;
  readonly completion: Written;
}

/** Which turns become rows. */
export interface PromptCompletionOptions extends PromptOptions {
  /** `successful`: valid turns that some successful leaf lies below; `all`: every turn. Default `successful`. */
  readonly turns?: 'successful' | 'all';
}

/** Turns as prompt and completion, each once however many paths share it. */
export function promptCompletionRows(
  exported: ExportedTree,
  options: PromptCompletionOptions = {},
): readonly PromptCompletionRow[] {
  const { tree } = exported;
  const below = ownLeavesBelow(exported);
  return [...tree.turns.values()]
    .filter(
      ({ id, response }) =>
        options.turns === 'all' || (response.valid && (successShare(below.get(id)!) ?? 0) > 0),
    )
    .map((turn) => ({
      prompt: promptOf(tree, turn, options),
      completion: completionOf(turn, options),
    }));
}

/** A row of TRL's conversational form: a whole path as a chat. */
export interface MessagesRow {
  readonly messages: readonly Message[];
}

/** Paths as chats, those that succeeded or all that were completed; a turn that paths share is in each of them. */
export function messagesRows(
  { tree }: ExportedTree,
  options: { readonly paths?: 'successful' | 'all' } = {},
): readonly MessagesRow[] {
  return tree.leaves.flatMap(({ outcome, copy, tail }): MessagesRow[] => {
    const wanted = options.paths === 'all' ? outcome !== 'failed' : outcome === 'success';
    const last = tail === null ? undefined : tree.turns.get(tail);
    if (!wanted || copy !== undefined || last === undefined) return [];
    const answer: Message = { role: 'assistant', content: last.generation.text };
    return [{ messages: [...conversationBefore(tree, last), answer] }];
  });
}

/** A row of TRL's preference form, for `DPOTrainer` and reward models. */
export interface PreferenceRow {
  readonly prompt: Written;
  readonly chosen: Written;
  readonly rejected: Written;
  /** The mean value of the leaves below either. */
  readonly score_chosen: number;
  readonly score_rejected: number;
}

/** Preferences between siblings: both answer the same prompt, and one led further (see `siblingPairs` of core). */
export function preferenceRows(
  { tree }: ExportedTree,
  options: PromptOptions & SiblingPairOptions = {},
): readonly PreferenceRow[] {
  return siblingPairs(tree, options).map(({ winner, loser, winnerValue, loserValue }) => {
    const [chosen, rejected] = [tree.turns.get(winner)!, tree.turns.get(loser)!];
    return {
      prompt: promptOf(tree, chosen, options),
      chosen: completionOf(chosen, options),
      rejected: completionOf(rejected, options),
      score_chosen: winnerValue,
      score_rejected: loserValue,
    };
  });
}
