/** Time that passes only when everybody waits: a simulation of hours is exact and takes seconds. */
export interface VirtualClock {
  /** Seconds since the start. */
  readonly now: () => number;
  /** Does something at a time that has not passed. */
  readonly at: (seconds: number, action: () => void) => void;
  readonly sleep: (seconds: number) => Promise<void>;
  /** Lets time pass until `work` is done, and gives its result. */
  readonly run: <Result>(work: Promise<Result>) => Promise<Result>;
}

interface Event {
  readonly seconds: number;
  readonly order: number;
  readonly action: () => void;
}

const before = (a: Event, b: Event): boolean =>
  a.seconds < b.seconds || (a.seconds === b.seconds && a.order < b.order);

/** A binary heap: the earliest event first, those of the same time as they were asked for. */
function eventQueue(): {
  readonly push: (event: Event) => void;
  readonly first: () => Event | undefined;
  readonly pop: () => void;
} {
  const heap: Event[] = [];
  const swap = (i: number, j: number): void => {
    [heap[i], heap[j]] = [heap[j]!, heap[i]!];
  };
  return {
    first: () => heap[0],
    push: (event) => {
      heap.push(event);
      for (let i = heap.length - 1; i > 0;) {
        const parent = (i - 1) >> 1;
        if (!before(heap[i]!, heap[parent]!)) break;
        swap(i, parent);
        i = parent;
      }
    },
    pop: () => {
      const last = heap.pop();
      if (last === undefined || heap.length === 0) return;
      heap[0] = last;
      for (let i = 0; ;) {
        let least = i;
        for (const child of [2 * i + 1, 2 * i + 2])
          if (child < heap.length && before(heap[child]!, heap[least]!)) least = child;
        if (least === i) break;
        swap(i, least);
        i = least;
      }
    },
  };
}

// By then every promise that could go on has gone on.
const quiet = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A clock at 0, with nothing planned. */
export function virtualClock(): VirtualClock {
  const events = eventQueue();
  let now = 0;
  let order = 0;
  const at = (seconds: number, action: () => void): void =>
    events.push({ seconds, order: order++, action });
  return {
    now: () => now,
    at,
    sleep: (seconds) => new Promise((resolve) => at(now + seconds, resolve)),
    run: async (work) => {
      let done = false;
      const finished = work.finally(() => {
        done = true;
      });
      // It may fail while we wait; whoever called hears of it below.
      finished.catch(() => undefined);
      for (;;) {
        await quiet();
        if (done) return finished;
        const next = events.first();
        if (next === undefined)
          throw new Error('the simulation stands still: everybody waits and nothing is planned');
        now = next.seconds;
        const last = order;
        for (let event: Event | undefined = next; event?.seconds === now && event.order < last;) {
          events.pop();
          event.action();
          event = events.first();
        }
      }
    },
  };
}
