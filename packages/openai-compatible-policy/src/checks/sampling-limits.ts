import type { Sampling } from '@spark-rl/core';

import type { Dialect } from '../dialects/dialect.js';
import { SamplingUnsupportedError } from '../errors.js';

function unsupported(field: string, value: unknown, problem: string, remedy: string): never {
  throw new SamplingUnsupportedError(problem, { field: `sampling.${field}`, value, remedy });
}

/**
 * Refuses what a server cannot sample, and, where tokens are wanted, what it cannot tell the exact log-probabilities of. Servers do not tell
 * how much probability top-k, top-p and min-p cut away, so their log-probabilities cannot be put back to those of the whole distribution.
 *
 * @throws SamplingUnsupportedError naming the setting and the way out
 */
export function checkSampling(sampling: Sampling, dialect: Dialect, tokens: boolean): void {
  const { temperature, topK, topP, minP, constraint } = sampling;
  if (constraint !== undefined)
    unsupported(
      'constraint',
      constraint.id,
      `a served model cannot be held to the language ${constraint.id}`,
      'Sample without the constraint, or use the in-process transformer',
    );
  // At temperature 0 all the probability is on one token, whatever is cut away.
  if (!tokens || temperature === 0) return;
  const narrowed = (
    [
      ['topK', topK, topK !== undefined],
      ['topP', topP, topP !== undefined && topP < 1],
      ['minP', minP, minP !== undefined && minP > 0],
    ] as const
  ).find(([, , narrows]) => narrows);
  if (narrowed !== undefined)
    unsupported(
      narrowed[0],
      narrowed[1],
      `${narrowed[0]} ${narrowed[1]} narrows the distribution, and no server tells by how much`,
      'Sample with the temperature alone, or give the policy tokens: false for evaluation',
    );
  const inexact = dialect.inexact(sampling);
  if (inexact !== undefined)
    unsupported(
      'temperature',
      temperature,
      inexact,
      'Or give the policy tokens: false for evaluation',
    );
}
