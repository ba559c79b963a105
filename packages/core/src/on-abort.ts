interface Audience {
  readonly stops: Set<() => void>;
  readonly tell: () => void;
}

const audiences = new WeakMap<AbortSignal, Audience>();

/**
 * Calls `stop` when `signal` is aborted, and gives back what takes that off again. Without a signal it never does. However many calls share a signal, it gets
 * one listener: a whole rollout often hangs on one signal, and Node.js takes more than ten listeners for a leak and says so.
 */
export function onAbort(signal: AbortSignal | undefined, stop: () => void): () => void {
  if (signal === undefined) return () => undefined;
  let audience = audiences.get(signal);
  if (audience === undefined) {
    const stops = new Set<() => void>();
    const tell = (): void => {
      for (const each of [...stops]) each();
    };
    audience = { stops, tell };
    audiences.set(signal, audience);
    signal.addEventListener('abort', tell, { once: true });
  }
  const { stops, tell } = audience;
  stops.add(stop);
  return () => {
    stops.delete(stop);
    if (stops.size > 0 || audiences.get(signal)?.stops !== stops) return;
    audiences.delete(signal);
    signal.removeEventListener('abort', tell);
  };
}
