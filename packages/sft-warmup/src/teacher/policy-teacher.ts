import { parseInput, type Policy } from '@spark-rl/core';
import { z } from 'zod';

import type { Teacher } from './chat-teacher.js';

const optionsSchema = z.strictObject({
  name: z.string().min(1).optional(),
  temperature: z.number().min(0).max(2).default(0),
  maxTokens: z.int().min(1).default(4096),
});

/** How a policy is asked. `name` says in the keys of a cache who answered: by default the id of the policy. */
export type PolicyTeacherOptions = z.input<typeof optionsSchema>;

/**
 * Any policy that takes messages as a teacher: a model behind servers with all that its policy does for it (routes, limits, cassettes), or one
 * in this process. Each question has an affinity of its own, since no two share more than their first sentences.
 *
 * @throws InvalidInputError naming the wrong option; from `ask`: what the policy throws
 */
export function policyTeacher(
  policy: Pick<Policy, 'id' | 'generate'>,
  options: PolicyTeacherOptions = {},
): Teacher {
  const settings = parseInput(optionsSchema, options, 'options of policyTeacher');
  const { name = policy.id, temperature, maxTokens } = settings;
  return {
    identity: { policy: name, temperature, maxTokens },
    ask: async (messages, { key, signal }) => {
      const { text, finish } = await policy.generate({
        prompt: { kind: 'messages', messages },
        sampling: { temperature, maxTokens },
        key,
        affinity: `teacher ${key.join(' ')}`,
        ...(signal !== undefined && { signal }),
      });
      return { text, cut: finish !== 'stop' };
    },
  };
}
