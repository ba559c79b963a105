import {
  observationText,
  throwIfAborted,
  type Generation,
  type NodeId,
  type RandomKey,
  type Transition,
  type Turn,
} from '@spark-rl/core';

import { attempt } from './attempt.js';
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
  readonly onRetry: (node: NodeId | null, retry: number, error: unknown) => void;
}

/** A turn that was taken, before anybody decided whether it forks. */
export interface TakenTurn<State> {
  readonly turn: Turn;
  /** The state after it. */
  readonly state: State;
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
  const { options, signal } = context;
  const { environment, policy, protocol, criterion, settings } = options;
  throwIfAborted(signal);
  const retrying = {
    retries: settings.retries,
    signal,
    onRetry: (retry: number, error: unknown) => context.onRetry(path.id, retry, error),
  };

  let admissible: readonly string[] | undefined;
  if (
    environment.admissible !== undefined &&
    (protocol.wantsAdmissible || settings.recordAdmissible)
  )
    admissible = await attempt('admissible actions', () => path.from.admissible(), retrying);

  const prompt = protocol.prompt({
    brief: options.brief,
    instruction: context.instruction,
    past: path.past,
    observation: observationText(path.observation),
    ...(admissible !== undefined && protocol.wantsAdmissible && { admissible }),
  });
  const key = [...context.key, 'node', path.id, 'response'];
  const generate = async (retry: number): Promise<Generation> =>
    checkGeneration(
      await policy.generate({
        prompt,
        sampling: settings.sampling,
        key: retry === 0 ? key : [...key, retry],
        affinity: context.affinity,
        ...(criterion.want !== undefined && { want: criterion.want }),
        signal,
      }),
    );
  const generation = await attempt('policy', generate, retrying);
  throwIfAborted(signal);

  const response = protocol.parse(generation.text);
  const action = response.valid ? response.action : '';
  const step = async (): Promise<Transition<State>> =>
    accepted(environment, await environment.step(path.from.state, action, { signal }));
  const transition = await attempt('environment', step, retrying);
  if (signal.aborted) {
    environment.release?.(transition.state);
    throwIfAborted(signal);
  }
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
      next: {
        observation: transition.observation,
        score: transition.score,
        status: transition.status,
      },
      requestedWidth: 1,
      grantedWidth: 1,
    },
    state: transition.state,
  };
}
