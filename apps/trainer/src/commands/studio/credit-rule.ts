import type { JsonValue } from '@spark-rl/core';
import type { CreditRule } from '@spark-rl/studio';
import { z } from 'zod';

import { rolloutSchema } from '../../config/rollout-schema.js';
import { learningSchema } from '../../config/schema.js';
import { estimatorOf } from '../../pipeline/estimator.js';
import { treesPerTaskOf } from '../../pipeline/method.js';

// Only what decides the credits: a run of another version may differ in the rest.
const recordedSchema = z.object({
  learning: learningSchema,
  rollout: rolloutSchema,
});

/**
 * How a run credited its trees, by its recorded configuration: the same estimator as in training and in exports.
 *
 * @throws ZodError when what it says of trees and credits is not of this version
 */
export function creditRuleOf(recorded: Readonly<Record<string, JsonValue>>): CreditRule {
  const config = recordedSchema.parse(recorded);
  return {
    estimator: estimatorOf(config),
    treesPerTask: treesPerTaskOf(config.rollout),
  };
}
