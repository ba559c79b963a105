import {
  InvalidInputError,
  type Generation,
  type ParsedResponse,
  type Policy,
  type Prompt,
  type RandomKey,
  type SampledToken,
} from '@spark-rl/core';

import { branchTurn, type BranchedTurn } from './branch-turn.js';
import type { GenerationPlan } from './generation-plan.js';

/** One choice of an answer: a response, and where several were sampled for it, those too. */
export interface Choice {
  readonly index: number;
  /** Which of the prompts it answers. */
  readonly prompt: number;
  readonly generation: Generation;
  readonly branched: BranchedTurn | null;
}

/** What is told while responses are sampled. */
export interface PlanListener {
  /** Told every token of a plain choice; a choice that is voted on is known only when it is complete. */
  readonly onToken?: (choice: number, token: SampledToken) => void;
  readonly onChoice?: (choice: Choice) => void;
}

/** The stream of one choice. A single one has the key of the request itself, so that it equals the same call in process. */
const choiceKey = ({ key, prompts, choices }: GenerationPlan, index: number): RandomKey =>
  prompts.length * choices === 1 ? key : [...key, 'choice', index];

/**
 * Samples all that a request asks for, at once: the policy batches the calls by itself. When one fails the others are stopped.
 *
 * @throws whatever the policy throws; InvalidInputError when it cannot tell what was asked for
 */
export async function runPlan(
  plan: GenerationPlan,
  policy: Policy,
  parse: (text: string) => ParsedResponse,
  signal: AbortSignal,
  { onToken, onChoice }: PlanListener = {},
): Promise<readonly Choice[]> {
  const stop = new AbortController();
  const stopped = AbortSignal.any([signal, stop.signal]);
  const { sampling, affinity, entropies, topLogProbs } = plan;
  const wants = { ...(entropies && { entropies }), ...(topLogProbs && { topLogProbs }) };
  const sample = async (
    prompt: Prompt,
    key: RandomKey,
    listen?: (token: SampledToken) => void,
  ): Promise<Generation> => {
    const generation = await policy.generate({
      prompt,
      sampling,
      key,
      affinity,
      ...(Object.keys(wants).length > 0 && { want: wants }),
      ...(listen !== undefined && { onToken: listen }),
      signal: stopped,
    });
    const silent = generation.responseTokens.length === 0 && generation.text !== '';
    if (silent && (topLogProbs !== null || plan.tokenIds)) {
      throw new InvalidInputError(`the policy ${policy.id} tells no tokens, only texts`, {
        field: topLogProbs === null ? 'return_token_ids' : 'logprobs',
        remedy: 'Leave that field out.',
      });
    }
    return generation;
  };
  const take = async (prompt: Prompt, promptIndex: number, index: number): Promise<Choice> => {
    const key = choiceKey(plan, index);
    let branched: BranchedTurn | null = null;
    let generation: Generation;
    if (plan.branching === null) {
      generation = await sample(prompt, key, (token) => onToken?.(index, token));
    } else {
      branched = await branchTurn(plan.branching, (each) => sample(prompt, each), parse, key);
      generation = branched.leaves[branched.chosen]!.generation;
    }
    const choice = { index, prompt: promptIndex, generation, branched };
    onChoice?.(choice);
    return choice;
  };
  const all = plan.prompts.flatMap((prompt, at) =>
    Array.from({ length: plan.choices }, (_, i) => take(prompt, at, at * plan.choices + i)),
  );
  try {
    return await Promise.all(all);
  } catch (cause) {
    stop.abort();
    await Promise.allSettled(all);
    throw cause;
  }
}
