import {
  EnvironmentError,
  PolicyError,
  showValue,
  type Environment,
  type Generation,
  type ObservationPart,
  type Transition,
} from '@spark-rl/core';

// Written by hand instead of as schemas: these run at every turn.

const STATUSES: readonly string[] = ['running', 'success', 'failure', 'truncated'];

/** Refuses a generation whose arrays do not fit together, or that is longer than was asked for. */
export function checkGeneration(generation: Generation, maxTokens: number): Generation {
  const { responseTokens, logProbs, logKept, entropies, text } = generation;
  if (generation.finish === 'aborted')
    throw new PolicyError('the policy gave up the response', { retryable: true });
  if (typeof text !== 'string')
    throw new PolicyError(`the response's text is ${showValue(text)}, not a string`, {
      field: 'text',
    });
  if (responseTokens.length > maxTokens) {
    throw new PolicyError(
      `the response has ${responseTokens.length} tokens, more than the ${maxTokens} allowed`,
      {
        field: 'responseTokens',
        remedy: 'Stop at `sampling.maxTokens`, end of sequence included.',
      },
    );
  }
  if (logProbs.length !== responseTokens.length) {
    throw new PolicyError(
      `the response has ${responseTokens.length} tokens and ${logProbs.length} log-probabilities`,
      { field: 'logProbs', remedy: 'Give one log-probability for each response token.' },
    );
  }
  if (logKept !== undefined && logKept.length !== responseTokens.length) {
    throw new PolicyError(
      `the response has ${responseTokens.length} tokens and ${logKept.length} values of logKept`,
      { field: 'logKept', remedy: 'Give one value for each response token.' },
    );
  }
  if (entropies !== undefined && entropies.length !== responseTokens.length) {
    throw new PolicyError(
      `the response has ${responseTokens.length} tokens and ${entropies.length} entropies`,
      { field: 'entropies', remedy: 'Give one entropy for each response token.' },
    );
  }
  return generation;
}

/** A part as a record keeps it: what else it holds, and the order of its keys, must not tell a fresh turn from a recorded one. */
function checkPart(part: ObservationPart): ObservationPart {
  if (part?.type === 'text' && typeof part.text === 'string')
    return { type: part.type, text: part.text };
  if (
    part?.type === 'image' &&
    typeof part.mediaType === 'string' &&
    typeof part.base64 === 'string'
  )
    return { type: part.type, mediaType: part.mediaType, base64: part.base64 };
  throw new EnvironmentError(`a part of the observation is ${showValue(part)}`, {
    field: 'observation',
    value: part,
    remedy: "Give { type: 'text', text } or { type: 'image', mediaType, base64 }.",
  });
}

/** Refuses a transition without a finite score or a known status, or whose observation is none. */
export function checkTransition<T extends Transition<unknown>>(transition: T): T {
  const { score, status, observation } = transition;
  if (!Number.isFinite(score)) {
    throw new EnvironmentError(`the score is ${String(score)}, not a finite number`, {
      field: 'score',
      value: score,
    });
  }
  if (!STATUSES.includes(status)) {
    throw new EnvironmentError(
      `the status is ${showValue(status)}, not one of ${STATUSES.join(', ')}`,
      { field: 'status', value: status },
    );
  }
  if (typeof observation === 'string') return transition;
  if (!Array.isArray(observation)) {
    throw new EnvironmentError(`the observation is ${showValue(observation)}, not text or parts`, {
      field: 'observation',
      value: observation,
    });
  }
  return { ...transition, observation: observation.map(checkPart) };
}

/** Checks what an environment answered. A state that is refused will not be stepped, so it is released. */
export function accepted<State, T extends Transition<State>>(
  environment: Environment<State>,
  transition: T,
  check: (transition: T) => T = checkTransition,
): T {
  try {
    return check(transition);
  } catch (error) {
    environment.release?.(transition.state);
    throw error;
  }
}
