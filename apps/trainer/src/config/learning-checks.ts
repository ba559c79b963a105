import { InvalidInputError } from '@spark-rl/core';
import { grpoOptionsSchema } from '@spark-rl/grpo-optimizer';
import type { z } from 'zod';

import { estimatorOf } from '../pipeline/estimator.js';
import { learnerOptions } from '../pipeline/learner-options.js';
import type { learningSchema } from './schema.js';

/** What the estimator and the learner say of their own options, before anything is trained. */
export function refuseUselessLearning(
  { learning }: { readonly learning: z.infer<typeof learningSchema> },
  context: z.RefinementCtx,
): void {
  const refuse = (path: readonly PropertyKey[], message: string): void =>
    context.addIssue({ code: 'custom', path: ['learning', ...path], message });
  try {
    estimatorOf({ learning });
  } catch (cause) {
    if (!(cause instanceof InvalidInputError)) throw cause;
    refuse(['estimatorOptions'], cause.message);
  }
  const options = grpoOptionsSchema.safeParse(learnerOptions({ learning }));
  for (const { path, message } of options.error?.issues ?? [])
    refuse(['objective', ...path], message);
}
