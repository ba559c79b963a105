import type { PastTurn, Prompt, PromptContext } from '@spark-rl/core';

import { explainResponse, explainWorld } from './explanation.js';
import type { ResponseGrammar } from './response-grammar.js';

/** What a one-message prompt shows. */
export interface MessagesLayout {
  readonly grammar: ResponseGrammar;
  readonly meanings: Readonly<Record<string, string>>;
  /** K: how many of the last turns are shown. */
  readonly history: number;
}

function explainHistory(past: readonly PastTurn[], history: number): string[] {
  if (past.length === 0) return [];
  const first = Math.max(0, past.length - history);
  const shown = past.slice(first).map(({ observation, action }, i) => {
    const did = action === '' ? '(your answer had no usable action)' : action;
    return `[turn ${first + i + 1}] observed: ${observation}\n[turn ${first + i + 1}] did: ${did}`;
  });
  const taken = `Turns taken so far: ${past.length}.`;
  if (shown.length === 0) return [taken];
  return [
    `${taken} ${first === 0 ? 'All of them' : `The last ${shown.length}`}, oldest first:\n${shown.join('\n')}`,
  ];
}

/**
 * A prompt that stands alone: one user message with the world, the task, the last K observations and actions under their
 * absolute turn numbers (from 1), what is observed now, what can be done, and how to answer. Past reasoning is not repeated. Its
 * length is bounded by K, so a tree of windowed prompts suits models with a chat template and a short context.
 */
export function messagesPrompt(context: PromptContext, layout: MessagesLayout): Prompt {
  const sections = [
    explainWorld(context.brief),
    `Task: ${context.instruction}`,
    ...explainHistory(context.past, layout.history),
    `[turn ${context.past.length + 1}, now] observed: ${context.observation}`,
    ...(context.admissible === undefined
      ? []
      : [`Possible actions now:\n${context.admissible.map((action) => `- ${action}`).join('\n')}`]),
    explainResponse(layout.grammar, layout.meanings),
  ];
  return { kind: 'messages', messages: [{ role: 'user', content: sections.join('\n\n') }] };
}
