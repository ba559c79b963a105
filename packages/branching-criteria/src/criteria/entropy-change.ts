import { parseInput, type BranchingCriterion } from '@spark-rl/core';
import { z } from 'zod';

import { entropyChangeShape, entropyChangeSignal } from '../signals/entropy-change.js';
import { measure } from '../signals/signal.js';
import { widthSchema } from '../width.js';

const FORMS = {
  arpo: { probability: 0.5, weight: 0.2, baseline: 'path', draws: 'each-child' },
  'spark-code': { probability: 0.1, weight: 0.5, baseline: 'slot', draws: 'once' },
} as const;

const entropyChangeOptions = z.strictObject({
  ...entropyChangeShape,
  form: z.enum(['arpo', 'spark-code']).default('arpo'),
  probability: z.number().min(0).max(1).exactOptional(),
  weight: z.number().exactOptional(),
  baseline: z.enum(['path', 'slot']).exactOptional(),
  width: widthSchema.default(2),
});

/** The form, V, B, and what departs from the form's own constants, of {@link entropyChange}. */
export type EntropyChangeOptions = z.input<typeof entropyChangeOptions>;

/**
 * Forks at random, the more likely the more uncertain the response starts than an earlier one did:
 *
 * P(fork) = clip(p + w dH, 0, 1), dH as {@link entropyChangeSignal} has it.
 *
 * | form | p | w | H is compared with | draws |
 * | --- | --- | --- | --- | --- |
 * | `arpo` | 0.5 | 0.2 | the path's first turn | one for each of the B - 1 further children |
 * | `spark-code` | 0.1 | 0.5 | the first turn since the path was opened, by the task or by a fork | one for the fork as a whole |
 *
 * `arpo` is the criterion of ARPO; its released code draws u uniformly and opens a child when clip(u - w dH, 0, 1) <= p, which has
 * that probability. `spark-code` is the entropy criterion in SPARK's published code, which its paper does not report on; there p is
 * the setting `branch_probability`. In both, a path's first turn has dH = 0 and forks with probability p. With B = 2 the two ways to
 * draw are the same. The priority of a request is dH. Draws from the context's own stream.
 *
 * @param options.form - `arpo` (default) or `spark-code`
 * @param options.vocabulary - V, how many tokens the policy's tokenizer has, at least 2
 * @param options.probability - p in [0, 1], instead of the form's
 * @param options.weight - w, instead of the form's
 * @param options.baseline - `path` or `slot`, instead of the form's
 * @param options.tokens - how many tokens at the start count, 20 by default
 * @param options.alternatives - how many alternatives of each count, 10 by default
 * @param options.width - B, a whole number of at least 1, 2 by default
 * @throws InvalidInputError when an option is not such a value, and later when the policy does not report the likeliest tokens
 * @see https://arxiv.org/abs/2507.19849 (ARPO) section 3.2 and `vllm_rollout_with_tools.py` of its code
 * @see https://github.com/jinyangwu/SPARK `agent_system/multi_turn_rollout/branch_utils.py`
 */
export function entropyChange(options: EntropyChangeOptions): BranchingCriterion {
  const parsed = parseInput(entropyChangeOptions, options, 'options of entropyChange');
  const { form, vocabulary, tokens, alternatives, width } = parsed;
  const { probability, weight, baseline, draws } = { ...FORMS[form], ...parsed };
  const signal = entropyChangeSignal({ vocabulary, tokens, alternatives, baseline });
  return {
    id: `entropy-change(${form},${probability},${weight},${baseline},${vocabulary},${tokens},${alternatives},${width})`,
    maxWidth: width,
    want: { topLogProbs: alternatives },
    decide: ({ path, random }) => {
      const change = measure(signal, path);
      if (change === null) return { width: 1 };
      const chance = Math.min(1, Math.max(0, probability + weight * change));
      const further =
        draws === 'once'
          ? random.uniform() < chance
            ? width - 1
            : 0
          : Array.from({ length: width - 1 }, () => random.uniform()).filter((u) => u < chance)
              .length;
      return further > 0 ? { width: 1 + further, priority: change } : { width: 1 };
    },
  };
}
