/** Measures for how long at least one of many overlapping calls was under way. */
export interface BusyClock {
  /** Makes a call, and counts the time until it ends, however it ends. */
  readonly during: <Value>(call: () => Promise<Value>) => Promise<Value>;
  /** Seconds with a call under way, so far. */
  readonly seconds: () => number;
}

/** @param now - milliseconds of a clock that never goes back */
export function busyClock(now: () => number = () => performance.now()): BusyClock {
  let running = 0;
  let since = 0;
  let total = 0;
  return {
    during: async (call) => {
      if (running++ === 0) since = now();
      try {
        return await call();
      } finally {
        if (--running === 0) total += now() - since;
      }
    },
    seconds: () => (total + (running > 0 ? now() - since : 0)) / 1000,
  };
}
