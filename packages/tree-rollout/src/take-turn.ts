import {
  observationText,
  throwIfAborted,
  type Awaitable,
  type Generation,
  type NodeId,
  type RandomKey,
  type Transition,
  type Turn,
} from '@spark-rl/core';

import { attempt, type Callee } from './attempt.js';
import { accepted, checkGeneration } from './border.js';
import type { ResolvedOptions } from './options.js';
import type { Path } from './path.js';

/** What the turns of one tree have in common. */
export interface TurnContext<State> {
  readonly options: ResolvedOptions<State>;
  readonly affinity: string;
  readonly instruction: string;
  /** The key that the tree's randomness starts from, task included. */
  readonly key: RandomKey;
  readonly signal: AbortSignal;
  readonly onRetry: (
    node: NodeId | null,
    callee: Callee,
    retry: number,
    error: unknown,
  ) => Awaitable<void>;
}

/** A turn that was taken, before anybody decided whether it forks. */
export interface TakenTurn<State> {
  readonly turn: Turn;
  /** The state after it. */
  readonly state: State;
}

/** Steps the environment once, for the turn that this path takes. */
export async function stepOnce<State>(
  { options, signal, onRetry }: TurnContext<State>,
  path: Path<State>,
  action: string,
): Promise<Transition<State>> {
  const { environment, calls } = options;
  const transition = await attempt(calls.environment, {
    where: 'environment',
    make: async (stop): Promise<Transition<State>> =>
      accepted(environment, await environment.step(path.from.state, action, { signal: stop })),
    signal,
    onRetry: (retry, error) => onRetry(path.id, 'environment', retry, error),
    discard: ({ state }) => environment.release?.(state),
  });
  if (signal.aborted) {
    environment.release?.(transition.state);
    throwIfAborted(signal);
  }
  return transition;
}

/**
 * Takes one turn: the policy responds, the response is parsed, the environment steps once. The key of the response follows from
 * where the turn stands, so it is the same whatever else goes on.
 *
 * @throws LostError when the policy or the environment stayed broken, AbortedError when the work was stopped
 */
export async function takeTurn<State>(
  context: TurnContext<State>,
  path: Path<State>,
): Promise<TakenTurn<State>> {
  const { options, signal, onRetry } = context;
  const { environment, policy, protocol, criterion, settings, calls } = options;
  throwIfAborted(signal);

  let admissible: readonly string[] | undefined;
  if (
    environment.admissible !== undefined &&
    (protocol.wantsAdmissible || settings.recordAdmissible || options.constrain !== undefined)
  ) {
    admissible = await attempt(calls.environment, {
      where: 'admissible actions',
      make: (stop) => path.from.admissible(stop),
      signal,
      onRetry: (retry, error) => onRetry(path.id, 'environment', retry, error),
    });
  }

  const observation = observationText(path.observation);
  const prompt = protocol.prompt({
    brief: options.brief,
    instruction: context.instruction,
    past: path.past,
    observation,
    ...(admissible !== undefined && protocol.wantsAdmissible && { admissible }),
  });
  const constraint = options.constrain?.({
    index: path.index,
    instruction: context.instruction,
    observation,
    ...(admissible !== undefined && { admissible }),
  });
  const sampling =
    constraint === undefined ? settings.sampling : { ...settings.sampling, constraint };
  const key = [...context.key, 'node', path.id, 'response'];
  const generation = await attempt(calls.policy, {
    where: 'policy',
    make: async (stop): Promise<Generation> =>
      checkGeneration(
        await policy.generate({
          prompt,
          sampling,
          key,
          affinity: context.affinity,
          ...(criterion.want !== undefined && { want: criterion.want }),
          signal: stop,
        }),
        settings.sampling.maxTokens,
      ),
    signal,
    onRetry: (retry, error) => onRetry(path.id, 'policy', retry, error),
  });
  throwIfAborted(signal);

  const response = protocol.parse(generation.text);
  const action = response.valid ? response.action : '';
  const { state, ...next } = await stepOnce(context, path, action);
  return {
    turn: {
      id: path.id,
      parent: path.parent,
      index: path.index,
      observation: path.observation,
      generation,
      response,
      action,
      admissible: admissible?.includes(action) ?? null,
      next: { observation: next.observation, score: next.score, status: next.status },
      requestedWidth: 1,
      grantedWidth: 1,
    },
    state,
  };
}
