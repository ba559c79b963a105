import { PolicyError } from '@spark-rl/core';

import type { TransformerConfig } from './config.js';

/**
 * Refuses a prompt that the model cannot continue.
 *
 * @throws PolicyError when it has no tokens, tokens that the model does not have, or no room for a response
 */
export function checkPrompt(
  prompt: Int32Array,
  config: Pick<TransformerConfig, 'vocabularySize' | 'contextLength'>,
): void {
  const { length } = prompt;
  if (length === 0) {
    throw new PolicyError('the prompt has no tokens', {
      field: 'prompt',
      remedy: 'Give the model at least one token to continue',
    });
  }
  const stranger = prompt.find((token) => token < 0 || token >= config.vocabularySize);
  if (stranger !== undefined) {
    throw new PolicyError(
      `the prompt has token ${stranger}; the model has the tokens 0 to ${config.vocabularySize - 1}`,
      {
        field: 'prompt',
        value: stranger,
        remedy: 'Keep token ids only from responses of the same model',
      },
    );
  }
  if (length > config.contextLength - 1) {
    throw new PolicyError(
      `the prompt has ${length} tokens; the context holds ${config.contextLength}, the response included`,
      {
        field: 'prompt',
        value: length,
        remedy: 'Show fewer past turns, end paths earlier, or train a model with a longer context',
      },
    );
  }
}
