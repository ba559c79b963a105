import { EndpointError, PolicyError } from '@spark-rl/core';

/**
 * Why a response ended, in the words of core.
 *
 * @throws PolicyError when the provider withheld it; EndpointError when the server broke while it answered
 */
export function finishOf(reason: string | null | undefined): 'stop' | 'length' | 'aborted' {
  switch (reason) {
    case 'length':
      return 'length';
    case 'abort':
    case 'aborted':
      return 'aborted';
    case 'error':
      throw new EndpointError('the server broke off the response because of an error of its own', {
        field: 'finish_reason',
        retryable: true,
      });
    case 'content_filter':
      throw new PolicyError('the provider withheld the response: its content filter stopped it', {
        field: 'finish_reason',
        remedy: 'Change the prompt, or use a model without that filter',
      });
    default:
      return 'stop';
  }
}
