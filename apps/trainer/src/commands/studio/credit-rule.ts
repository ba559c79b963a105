import type { JsonValue } from '@spark-rl/core';
import type { CreditRule } from '@spark-rl/studio';

import { trainConfigSchema } from '../../config/schema.js';
import { estimatorOf } from '../../pipeline/estimator.js';
import { rolloutMethod } from '../../pipeline/method.js';

/**
 * How a run credited its trees, by its recorded configuration: the same estimator as in training and in exports.
 *
 * @throws ZodError when it is not a configuration of this version
 */
export function creditRuleOf(recorded: Readonly<Record<string, JsonValue>>): CreditRule {
  const config = trainConfigSchema.parse(recorded);
  return {
    estimator: estimatorOf(config),
    treesPerTask: rolloutMethod(config).treesPerTask,
  };
}
