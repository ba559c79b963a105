/** Things that happen, put in as they do and taken out one by one. */
export interface EventQueue<Event> {
  readonly push: (event: Event) => void;
  /** No more events; with an error, whoever takes them gets it after the last one. */
  readonly end: (error?: Error) => void;
  readonly events: AsyncGenerator<Event, void, undefined>;
}

/** A queue with one reader. It grows as long as nobody reads. */
export function eventQueue<Event>(): EventQueue<Event> {
  const waiting: Event[] = [];
  let ended: { readonly error: Error | undefined } | undefined;
  let wake: () => void = () => undefined;
  async function* read(): AsyncGenerator<Event, void, undefined> {
    for (;;) {
      while (waiting.length > 0) yield waiting.shift()!;
      if (ended !== undefined) {
        if (ended.error !== undefined) throw ended.error;
        return;
      }
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }
  return {
    push: (event) => {
      waiting.push(event);
      wake();
    },
    end: (error) => {
      ended ??= { error };
      wake();
    },
    events: read(),
  };
}
