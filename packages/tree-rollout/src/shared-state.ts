import type { Awaitable, Environment } from '@spark-rl/core';

/** A state that several paths start from. It is released when the last of its users is done. */
export interface SharedState<State> {
  readonly state: State;
  /** What is admissible here, asked of the environment once; undefined when it does not tell. */
  readonly admissible: () => Awaitable<readonly string[] | undefined>;
  /** So many further users. Only while it has one. */
  readonly retain: (users: number) => void;
  /** One user will not step it any more. */
  readonly done: () => void;
}

/** Keeps the states of one tree. */
export interface StateKeeper<State> {
  readonly share: (state: State, users: number) => SharedState<State>;
  /** Releases a state that no path starts from. */
  readonly drop: (state: State) => void;
  /** Releases all that is still held. */
  readonly releaseAll: () => void;
}

/** Counts the users of every state, so that a stateful world can free what nobody will step again. */
export function stateKeeper<State>(
  environment: Environment<State>,
  signal: AbortSignal,
): StateKeeper<State> {
  const held = new Set<{ readonly state: State }>();
  return {
    share: (state, users) => {
      const holder = { state };
      held.add(holder);
      let left = users;
      let asked: Awaitable<readonly string[]> | undefined;
      return {
        state,
        admissible: async () => {
          asked ??= environment.admissible?.(state, { signal });
          try {
            return await asked;
          } catch (error) {
            asked = undefined;
            throw error;
          }
        },
        retain: (more) => {
          left += more;
        },
        done: () => {
          left--;
          if (left === 0 && held.delete(holder)) environment.release?.(state);
        },
      };
    },
    drop: (state) => environment.release?.(state),
    releaseAll: () => {
      for (const { state } of held) environment.release?.(state);
      held.clear();
    },
  };
}
