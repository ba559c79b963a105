import type { AgentBrief } from '@spark-rl/core';

import type { ResponseGrammar } from './response-grammar.js';

/** When to use each of the two modes of SPARK, said to the agent. */
export const sparkModeMeanings: Readonly<Record<string, string>> = {
  explore:
    'something surprised you, or you do not know enough to be sure. Name several different places, objects or actions that are worth a try.',
  think: 'things go as you expected. Note how far you are, and what comes next.',
};

/** The world and what can be done in it. */
export function explainWorld(brief: AgentBrief): string {
  const actions = brief.actions.map(({ form, meaning }) => `- ${form}: ${meaning}`);
  return [brief.world, ...(actions.length === 0 ? [] : ['Forms of actions:', ...actions])].join(
    '\n',
  );
}

/** The reasoning modes, and the form that every response must have. */
export function explainResponse(
  grammar: ResponseGrammar,
  meanings: Readonly<Record<string, string>>,
): string {
  const modes = Object.entries(grammar.modes);
  const lines = modes.map(
    ([mode, tag]) =>
      `- <${tag}>...</${tag}>${meanings[mode] === undefined ? '' : ` when ${meanings[mode]}`}`,
  );
  return [
    modes.length === 1
      ? 'Every answer has two parts. First, one short sentence of reasoning:'
      : 'Every answer has two parts. First, one short sentence of reasoning in the mode that fits, never in more than one:',
    ...lines,
    `Second, the one action to take now: <${grammar.actionTag}>...</${grammar.actionTag}>`,
  ].join('\n');
}
