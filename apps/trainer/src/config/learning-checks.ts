import { InvalidInputError } from '@spark-rl/core';
import { grpoOptionsSchema } from '@spark-rl/grpo-optimizer';
import type { z } from 'zod';

import { estimatorOf } from '../pipeline/estimator.js';
import { learnerOptions } from '../pipeline/learner-options.js';
import type { RolloutConfig } from './rollout-schema.js';
import type { learningSchema } from './schema.js';

type Learning = z.infer<typeof learningSchema>;

/** Estimators that hold a path against no other of its task: where all earned the same, that teaches something too. */
const WITHOUT_GROUPS: readonly Learning['estimator'][] = ['reinforce', 'reinforce++'];

/** What the estimator and the learner say of their own options, before anything is trained, and what contradicts itself. */
export function refuseUselessLearning(
  { learning, rollout }: { readonly learning: Learning; readonly rollout: RolloutConfig },
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
  const options = grpoOptionsSchema.safeParse(learnerOptions({ learning, rollout }));
  for (const { path, message } of options.error?.issues ?? [])
    refuse(['objective', ...path], message);
  if (learning.groupFilter !== 'none' && WITHOUT_GROUPS.includes(learning.estimator)) {
    refuse(
      ['groupFilter'],
      `the estimator ${learning.estimator} compares no paths of a task, so tasks whose paths all earned the same teach it too; only none`,
    );
  }
  if (options.data === undefined || rollout.stepsAhead === 0) return;
  const { maxStaleness = 0, objective, importanceCorrection } = options.data;
  if (maxStaleness < rollout.stepsAhead) {
    refuse(
      ['objective', 'maxStaleness'],
      `with rollout.stepsAhead ${rollout.stepsAhead} every turn is that many versions old and would be withheld: at least ${rollout.stepsAhead}, or rollout.stepsAhead 0`,
    );
  }
  if (objective === 'reinforce' && importanceCorrection === undefined) {
    refuse(
      ['objective', 'objective'],
      'the objective reinforce has no ratio that corrects for turns of older weights: take ppo or cispo, set learning.objective.importanceCorrection, or rollout.stepsAhead 0',
    );
  }
}
