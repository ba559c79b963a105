import type { Message } from '@spark-rl/core';

/**
 * Renders messages with a plain template: each is its role, a colon, a space, the content, the end-of-sequence text and a line break;
 * the prompt ends with `assistant: `, where the model goes on.
 */
export function renderMessages(messages: readonly Message[], endOfSequence: string): string {
  const turns = messages.map(({ role, content }) => `${role}: ${content}${endOfSequence}\n`);
  return `${turns.join('')}assistant: `;
}
