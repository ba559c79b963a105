import type { Sampling, TextConstraint } from '@spark-rl/core';
import { z } from 'zod';

import type { Callee } from './attempt.js';
import { PROFILES } from './profile.js';

// What a timer can hold: a longer one would fire at once.
const milliseconds = z.number().positive().max(2_147_483_647);
const places = z.int().min(1);

const textConstraint = z.custom<TextConstraint>(
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    typeof (value as TextConstraint).id === 'string' &&
    typeof (value as TextConstraint).next === 'function' &&
    typeof (value as TextConstraint).accepts === 'function',
  'expected a text constraint (an object with id, start, next, accepts)',
);

export const settingsShape = {
  profile: z.enum(Object.keys(PROFILES) as (keyof typeof PROFILES)[]).default('spark'),
  forkAt: z.enum(['next-turn', 'same-turn']).default('next-turn'),
  roots: z.int().min(1).default(4),
  maxTurns: z.int().min(1).default(30),
  sampling: z
    .strictObject({
      temperature: z.number().min(0).max(2).default(1),
      maxTokens: z.int().min(1).default(512),
      topK: z.int().min(1).optional(),
      topP: z.number().gt(0).max(1).optional(),
      minP: z.number().min(0).max(1).optional(),
      stop: z.array(z.string().min(1)).optional(),
      includeStop: z.boolean().optional(),
      constraint: textConstraint.optional(),
    })
    .prefault({}),
  retries: z.int().min(0).default(2),
  timeouts: z
    .strictObject({
      policy: milliseconds.optional(),
      environment: milliseconds.optional(),
      rater: milliseconds.optional(),
    })
    .prefault({}),
  inFlight: z
    .strictObject({
      policy: places.optional(),
      environment: places.optional(),
      rater: places.optional(),
    })
    .prefault({}),
  poisonAfter: z.int().min(1).default(3),
  recordAdmissible: z.boolean().default(false),
};

/** The numbers and choices that shape a rollout. */
export interface RolloutSettings {
  /**
   * A named set of choices: `spark` (default), or `reference-code`, which reproduces the published code: a turn that ends its
   * path may fork, which copies a finished leaf, and a group of fewer than N leaves is filled up by copies.
   */
  readonly profile?: 'spark' | 'reference-code' | undefined;
  /**
   * Where a fork begins. `next-turn` (default, paper Eq. 6): the turn that asked is shared, its children each respond to what
   * it led to. `same-turn`: siblings respond anew to what that turn responded to, and may not fork at that turn.
   */
  readonly forkAt?: 'next-turn' | 'same-turn' | undefined;
  /** M: independent responses at the first state; 4 by default. With a spending rule, the most that it may plan. */
  readonly roots?: number | undefined;
  /** The turn limit; a path still running there ends as `truncated`; 30 by default. */
  readonly maxTurns?: number | undefined;
  /**
   * How responses are drawn: temperature in [0, 2], 1 by default; response tokens, 512 by default. What narrows the distribution
   * (`topK`, `topP`, `minP`, `constraint`) is for trees that are only looked at: learners refuse trees grown so.
   */
  readonly sampling?: Partial<Sampling> | undefined;
  /** How often a policy or environment call that threw is made again before its leaf is lost; 2 by default. */
  readonly retries?: number | undefined;
  /** Milliseconds after which a call to the policy, the environment or the rater counts as failed, at most 2^31 - 1; none by default. */
  readonly timeouts?: Partial<Readonly<Record<Callee, number | undefined>>> | undefined;
  /**
   * How many calls to the policy, the environment or the rater may be under way at once, over all trees; no limit by default. A call that was
   * given up counts no more: one that hangs and does not heed its signal must not hold its place for ever.
   */
  readonly inFlight?: Partial<Readonly<Record<Callee, number | undefined>>> | undefined;
  /**
   * A task is given up when so many of its paths were lost to the environment (3 by default): its running paths are then lost
   * too. Looked at between the turns that all paths share, so that it does not depend on who answered first.
   */
  readonly poisonAfter?: number | undefined;
  /** Whether turns record if their action was admissible, also when the protocol does not ask; false by default. */
  readonly recordAdmissible?: boolean | undefined;
}

/** Settings with the defaults filled in. */
export type Settings = z.output<z.ZodObject<typeof settingsShape>>;
