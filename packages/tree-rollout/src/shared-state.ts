import { onAbort, type Environment } from '@spark-rl/core';

/** A state that several paths start from. It is released when the last of its users is done. */
export interface SharedState<State> {
  readonly state: State;
  /**
   * What is admissible here. Its users share one call; when one of them is stopped, the call is given up, and the others ask anew.
   */
  readonly admissible: (stop: AbortSignal) => Promise<readonly string[]>;
  /** So many further users. Only while it has one. */
  readonly retain: (users: number) => void;
  /** One user will not step it any more. */
  readonly done: () => void;
}

/** Keeps the states of one tree. */
export interface StateKeeper<State> {
  readonly share: (state: State, users: number) => SharedState<State>;
  /** Releases all that is still held, and from then on whatever is still brought. */
  readonly releaseAll: () => void;
}

/** Asks an environment what is admissible at a state, once for all who want to know. */
function admissibleOnce<State>(
  environment: Environment<State>,
  state: State,
): SharedState<State>['admissible'] {
  let shared:
    { readonly answer: Promise<readonly string[]>; readonly own: AbortController } | undefined;
  const ask = (): NonNullable<typeof shared> => {
    const own = new AbortController();
    const answer = (async () =>
      (await environment.admissible?.(state, { signal: own.signal })) ?? [])();
    return { answer, own };
  };
  return async (stop) => {
    for (;;) {
      const call = (shared ??= ask());
      const forget = onAbort(stop, () => {
        if (shared === call) shared = undefined;
        call.own.abort(stop.reason);
      });
      try {
        return await call.answer;
      } catch (error) {
        if (shared === call) shared = undefined;
        if (stop.aborted || !call.own.signal.aborted) throw error;
      } finally {
        forget();
      }
    }
  };
}

/** Counts the users of every state, so that a stateful world can free what nobody will step again. */
export function stateKeeper<State>(environment: Environment<State>): StateKeeper<State> {
  const held = new Set<{ readonly state: State }>();
  let over = false;
  return {
    share: (state, users) => {
      const holder = { state };
      if (over) environment.release?.(state);
      else held.add(holder);
      let left = users;
      return {
        state,
        admissible: admissibleOnce(environment, state),
        retain: (more) => {
          left += more;
        },
        done: () => {
          left--;
          if (left === 0 && held.delete(holder)) environment.release?.(state);
        },
      };
    },
    releaseAll: () => {
      over = true;
      for (const holder of [...held]) {
        held.delete(holder);
        environment.release?.(holder.state);
      }
    },
  };
}
