import { InvalidInputError, type Prompt, type RandomKey, type Sampling } from '@spark-rl/core';
import type { z } from 'zod';

import type { sharedFields, SparkFields } from './request-fields.js';

/** How a turn is sampled several times where the agent explores, and who is chosen. */
export interface TurnBranching {
  /** N: the most responses. */
  readonly leaves: number;
  /** M: how many are sampled at once, before anybody looks whether they explore. */
  readonly roots: number;
  /** B: how many responses there are in the place of one that explores, itself included. */
  readonly width: number;
  readonly choose: 'majority' | 'likeliest' | 'first';
}

/** What a request asks of the policy. One prompt gives `choices` responses. */
export interface GenerationPlan {
  readonly prompts: readonly Prompt[];
  readonly choices: number;
  readonly sampling: Sampling;
  readonly key: RandomKey;
  readonly affinity: string;
  readonly entropies: boolean;
  /** How many alternatives are reported; null when no log-probabilities are. */
  readonly topLogProbs: number | null;
  readonly branching: TurnBranching | null;
  readonly stream: boolean;
  readonly includeUsage: boolean;
  readonly tokenIds: boolean;
  /** Whether tokens are shown as `token_id:7` in the place of their texts, which are not always told apart. */
  readonly tokensAsIds: boolean;
  /** Whether the request asked something of SPARK, and gets to know what came of it. */
  readonly extended: boolean;
}

type SharedFields = z.output<z.ZodObject<typeof sharedFields>>;

function branchingOf(spark: SparkFields | undefined): TurnBranching | null {
  const { leaves = 1, roots = 1, width = leaves, choose = 'majority' } = spark ?? {};
  if (leaves > 1) {
    if (roots <= leaves) return { leaves, roots, width, choose };
    throw new InvalidInputError(`spark.roots is ${roots}, more than spark.leaves, ${leaves}`, {
      field: 'spark.roots',
      value: roots,
      remedy: 'Give at most as many roots as leaves.',
    });
  }
  const [useless] = (['roots', 'width', 'choose'] as const).filter(
    (name) => spark?.[name] !== undefined,
  );
  if (useless === undefined) return null;
  throw new InvalidInputError(`spark.${useless} needs spark.leaves: one leaf leaves no choice`, {
    field: 'spark.leaves',
    value: leaves,
    remedy: 'Give spark.leaves of at least 2.',
  });
}

/**
 * What the fields that all requests share ask for.
 *
 * @param requestId - names the random stream when the request does not
 * @param mostTokens - of a response whose length the request does not limit
 */
export function generationPlan(
  request: SharedFields,
  own: {
    readonly prompts: readonly Prompt[];
    readonly maxTokens: number;
    readonly topLogProbs: number | null;
  },
  requestId: string,
): GenerationPlan {
  const { spark, seed, stop, top_k: topK } = request;
  const branching = branchingOf(spark);
  if (branching !== null && (request.n > 1 || own.prompts.length > 1)) {
    throw new InvalidInputError('spark.leaves goes with one prompt and one choice', {
      field: 'n',
      value: request.n,
      remedy: 'Leave n out: the vote gives one response.',
    });
  }
  return {
    prompts: own.prompts,
    choices: request.n,
    sampling: {
      temperature: request.temperature,
      maxTokens: own.maxTokens,
      ...(topK !== undefined && topK > 0 && { topK }),
      ...(request.top_p !== undefined && request.top_p < 1 && { topP: request.top_p }),
      ...(request.min_p !== undefined && request.min_p > 0 && { minP: request.min_p }),
      ...(stop !== undefined &&
        stop.length > 0 && { stop: typeof stop === 'string' ? [stop] : stop }),
      ...(request.include_stop_str_in_output && { includeStop: true }),
    },
    key: spark?.key ?? (seed === undefined ? ['request', requestId] : ['seed', seed]),
    affinity: spark?.affinity ?? requestId,
    entropies: spark?.entropies ?? false,
    topLogProbs: own.topLogProbs,
    branching,
    stream: request.stream,
    includeUsage: request.stream_options?.include_usage ?? false,
    tokenIds: request.return_token_ids,
    tokensAsIds: request.return_tokens_as_token_ids,
    extended: spark !== undefined,
  };
}
