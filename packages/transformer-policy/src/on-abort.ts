interface Listeners {
  readonly callbacks: Set<() => void>;
  readonly listener: () => void;
}

const bySignal = new WeakMap<AbortSignal, Listeners>();

/**
 * Calls back once when a signal aborts, and returns what takes the callback away again. However many callbacks wait for the same signal,
 * it has one listener: hundreds of calls may share the signal of their run, and Node warns of a leak beyond ten.
 */
export function onAbort(signal: AbortSignal | undefined, callback: () => void): () => void {
  if (signal === undefined) return () => undefined;
  let entry = bySignal.get(signal);
  if (entry === undefined) {
    const callbacks = new Set<() => void>();
    const listener = (): void => [...callbacks].forEach((each) => each());
    entry = { callbacks, listener };
    bySignal.set(signal, entry);
    signal.addEventListener('abort', listener, { once: true });
  }
  const { callbacks, listener } = entry;
  callbacks.add(callback);
  return () => {
    callbacks.delete(callback);
    if (callbacks.size > 0 || bySignal.get(signal) !== entry) return;
    bySignal.delete(signal);
    signal.removeEventListener('abort', listener);
  };
}
