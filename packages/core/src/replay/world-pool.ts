import type { Awaitable, CallOptions } from '../environment.js';
import { AbortedError, EnvironmentError, throwIfAborted } from '../errors.js';
import { chooseInstance, type Instance } from './choose-instance.js';
import { ask, type LiveWorld } from './live-world.js';
import { onAbort } from '../on-abort.js';
import type { ReplayState } from './replay-state.js';

/** What a pool has done so far. */
export interface PoolCounts {
  /** How many worlds were launched. */
  readonly launched: number;
  /** How many exist now: being launched, idle, in use, or being closed. Never more than the capacity. */
  readonly live: number;
  /** How many calls waited for an instance in use. */
  readonly waits: number;
}

/** Live worlds that are lent for one call at a time. */
export interface WorldPool {
  /**
   * Lends an instance for `work`, the one closest to `wanted` that is to be had. It goes back to the pool when `work` succeeds;
   * when `work` throws or `signal` is aborted it is closed and never lent again, for nobody knows where it stands.
   */
  readonly use: <Result>(
    wanted: ReplayState | null,
    signal: AbortSignal | undefined,
    work: (instance: Instance, signal: AbortSignal) => Promise<Result>,
  ) => Promise<Result>;
  /** Nobody will step `state` any more: an instance that stands there is among the first to be used for another. */
  readonly release: (state: ReplayState) => void;
  /** Stops the calls under way, closes every world, and settles when none is left. */
  readonly close: () => Promise<void>;
  readonly counts: () => PoolCounts;
}

interface Waiter {
  readonly wanted: ReplayState | null;
  readonly grant: (instance: Instance) => void;
  readonly refuse: (error: unknown) => void;
}

/** Settles as `work` does or, once `signal` is aborted, rejects at once: a world that hangs must not hold its caller. */
const untilAborted = <Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> =>
  new Promise((resolve, reject) => {
    const stop = (): void => reject(new AbortedError());
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject);
  });

/**
 * Keeps at most `capacity` live worlds, those being launched or closed included. A call gets the instance that
 * {@link chooseInstance} finds best; rather than take one from a state that may still be stepped it launches another, while
 * there is room. What cannot be served waits, and whatever comes free goes to the call that has waited longest, so no call
 * starves, and because a call holds one instance and never waits for a second, none can block another for good, even at
 * capacity 1.
 */
export function worldPool(
  launch: (options: CallOptions) => Awaitable<LiveWorld>,
  capacity: number,
): WorldPool {
  /** In order of last use: a set remembers the order in which its items were added. */
  const idle = new Set<Instance>();
  const queue = new Set<Waiter>();
  const calls = new Set<AbortController>();
  const released = new WeakSet<ReplayState>();
  const closing = new AbortController();
  const closeFailures: unknown[] = [];
  let whenEmpty: (() => void) | undefined;
  let live = 0;
  let launching = 0;
  let launched = 0;
  let waits = 0;

  /** One world less: its place may be taken by another. */
  const vacate = (): void => {
    live--;
    if (live === 0) whenEmpty?.();
    serve();
  };
  const retire = (instance: Instance): void => {
    const end = async (): Promise<void> => instance.world.close();
    void end()
      .catch((error: unknown) => closeFailures.push(error))
      .then(vacate);
  };
  const park = (instance: Instance): void => {
    if (closing.signal.aborted) return retire(instance);
    idle.add(instance);
    serve();
  };

  /** Launches a world for the pool, not for one call: whoever waits longest when it is ready gets it. */
  const start = (): void => {
    live++;
    launching++;
    // Never in this tick: a launch that throws must not serve the queue while the queue is being served.
    void Promise.resolve()
      .then(() => {
        throwIfAborted(closing.signal);
        return ask('launching a world', () => launch({ signal: closing.signal }));
      })
      .then(
        (world) => {
          launching--;
          launched++;
          park({ world, position: null });
        },
        (error: unknown) => {
          launching--;
          // One call learns of it, so that a launch that always fails is not tried for ever.
          const [first] = queue;
          if (first !== undefined && queue.delete(first)) first.refuse(error);
          vacate();
        },
      );
  };

  /** Gives every waiting call, the longest waiting first, what it may have now. */
  function serve(): void {
    if (closing.signal.aborted) return;
    let underWay = launching;
    for (const waiter of queue) {
      const choice = chooseInstance(idle, waiter.wanted, (state) => released.has(state));
      if (choice === undefined || choice.steals) {
        if (underWay > 0) {
          underWay--;
          continue;
        }
        if (live < capacity) {
          start();
          continue;
        }
        if (choice === undefined) return;
      }
      queue.delete(waiter);
      idle.delete(choice.instance);
      waiter.grant(choice.instance);
    }
  }

  const borrow = (wanted: ReplayState | null, signal: AbortSignal): Promise<Instance> =>
    new Promise((grant, refuse) => {
      const waiter: Waiter = { wanted, grant, refuse };
      const stop = (): void => {
        if (queue.delete(waiter)) refuse(new AbortedError());
      };
      signal.addEventListener('abort', stop, { once: true });
      queue.add(waiter);
      serve();
      if (queue.size > launching && queue.has(waiter)) waits++;
    });

  let closed: Promise<void> | undefined;
  const closeAll = async (): Promise<void> => {
    closing.abort();
    for (const call of calls) call.abort(closing.signal.reason);
    for (const instance of idle) retire(instance);
    idle.clear();
    if (live > 0) await new Promise<void>((resolve) => (whenEmpty = resolve));
    if (closeFailures.length > 0) {
      throw new EnvironmentError(
        `${closeFailures.length} of ${launched} worlds could not be closed and may be left behind`,
        { cause: closeFailures[0], remedy: 'Look at the cause, and end what is left by hand.' },
      );
    }
  };

  return {
    use: async (wanted, signal, work) => {
      if (closing.signal.aborted) {
        throw new EnvironmentError('the environment is closed', {
          remedy: 'Make a new one, or close it later.',
        });
      }
      throwIfAborted(signal);
      const call = new AbortController();
      const stop = (): void => call.abort(signal?.reason);
      const forget = onAbort(signal, stop);
      calls.add(call);
      try {
        const instance = await borrow(wanted, call.signal);
        if (call.signal.aborted) {
          // Stopped between the grant and now: it was not touched, so it stays as good as it was.
          park(instance);
          throw new AbortedError();
        }
        const result = await untilAborted(work(instance, call.signal), call.signal).catch(
          (error: unknown) => {
            retire(instance);
            throw error;
          },
        );
        park(instance);
        return result;
      } catch (error) {
        if (!call.signal.aborted) throw error;
        throw new AbortedError(
          closing.signal.aborted ? 'the environment was closed during the call' : undefined,
          { cause: call.signal.reason },
        );
      } finally {
        forget?.();
        calls.delete(call);
      }
    },
    release: (state) => {
      released.add(state);
      serve();
    },
    close: () => (closed ??= closeAll()),
    counts: () => ({ launched, live, waits }),
  };
}
