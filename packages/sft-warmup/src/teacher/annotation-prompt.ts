import type { Message } from '@spark-rl/core';

import type { ActionPath } from './action-path.js';

/** When an agent would be in each mode, told to the teacher. */
export type ModeMeanings = Readonly<Record<string, string>>;

/** The two modes of SPARK. */
export const sparkAnnotationModes: ModeMeanings = {
  explore:
    'the agent cannot know yet what will work: it searches, tries one of several places or ways, or has just been surprised. The reasoning names the alternatives that it sees.',
  think:
    'the agent knows what to do next and why. The reasoning says how far it is and what follows.',
};

/** Asks a teacher to say, turn by turn, how an agent might have reasoned that did what was done. */
export function annotationPrompt(
  { instruction, steps }: ActionPath,
  modes: ModeMeanings,
): readonly Message[] {
  const names = Object.keys(modes);
  const system = [
    'You are shown how an agent solved a task: what it observed and did, turn by turn. Its reasoning was not written down. Write it.',
    'For every turn choose the mode the agent was in:',
    ...names.map((name) => `- "${name}": ${modes[name]}`),
    'and write one short sentence of reasoning in the first person that leads to the action of that turn. Use only what the agent had observed up to that turn: it does not know what comes later.',
    `Answer with JSON and nothing else: a list with one object for each turn, in order, of the form {"mode": ${names.map((name) => `"${name}"`).join(' or ')}, "reasoning": "...", "action": "..."}. Copy every action exactly.`,
  ].join('\n');
  const turns = steps.map(
    ({ observation, action }, i) => `Turn ${i + 1}\nobserved: ${observation}\ndid: ${action}`,
  );
  const count = `The list must have ${steps.length} ${steps.length === 1 ? 'object' : 'objects'}.`;
  return [
    { role: 'system', content: system },
    { role: 'user', content: [`Task: ${instruction}`, ...turns, count].join('\n\n') },
  ];
}
