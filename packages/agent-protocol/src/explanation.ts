import type { AgentBrief } from '@spark-rl/core';

import type { ResponseGrammar } from './response-grammar.js';

/** How a prompt explains the form of responses. */
export interface ResponseExplanation {
  readonly grammar: Pick<ResponseGrammar, 'modes' | 'actionTag'>;
  /** When to use each mode; modes without a meaning are named only. */
  readonly meanings: Readonly<Record<string, string>>;
  /** What the reasoning should be like, such as "one short sentence of reasoning". */
  readonly reasoning: string;
}

/** The world and what can be done in it. */
export function explainWorld(brief: AgentBrief): string {
  const actions = brief.actions.map(({ form, meaning }) => `- ${form}: ${meaning}`);
  return [brief.world, ...(actions.length === 0 ? [] : ['Forms of actions:', ...actions])].join(
    '\n',
  );
}

/** The reasoning modes, and the form that every response must have. */
export function explainResponse({ grammar, meanings, reasoning }: ResponseExplanation): string {
  const modes = Object.entries(grammar.modes);
  const lines = modes.map(
    ([mode, tag]) =>
      `- <${tag}>...</${tag}>${meanings[mode] === undefined ? '' : ` when ${meanings[mode]}`}`,
  );
  return [
    modes.length === 1
      ? `Every answer has two parts. First, ${reasoning}:`
      : `Every answer has two parts. First, ${reasoning} in the mode that fits, never in more than one:`,
    ...lines,
    `Second, the one action to take now: <${grammar.actionTag}>...</${grammar.actionTag}>`,
  ].join('\n');
}
