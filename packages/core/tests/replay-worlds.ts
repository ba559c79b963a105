import type { CallOptions, Environment, Transition } from '../src/index.js';
import type { LiveWorld } from '../src/replay/index.js';

/** What a fake world is asked; `fault` may delay the answer, throw, or hang. */
export type Call = 'launch' | 'reset' | 'step' | 'admissible' | 'close';

/** A factory of live worlds that counts them, and what they have been asked. */
export interface Worlds {
  readonly launch: (options: CallOptions) => Promise<LiveWorld>;
  /** Calls of all worlds, such as `1:step left`. */
  readonly log: string[];
  /** What was done to a world that may not be done; must stay empty. */
  readonly misuse: string[];
  live: number;
  peak: number;
  launched: number;
  closed: number;
}

/** Live worlds that walk in a pure environment. Two calls at once and calls after the close are noted. */
export function worldsOf<State>(
  environment: Environment<State>,
  fault: (call: Call, signal?: AbortSignal) => Promise<void> | void = () => undefined,
): Worlds {
  const worlds: Worlds = {
    log: [],
    misuse: [],
    live: 0,
    peak: 0,
    launched: 0,
    closed: 0,
    launch: async ({ signal }) => {
      worlds.live++;
      worlds.peak = Math.max(worlds.peak, worlds.live);
      try {
        await fault('launch', signal);
      } catch (error) {
        worlds.live--;
        throw error;
      }
      const name = ++worlds.launched;
      let at: Transition<State> | undefined;
      let busy = false;
      let ended = false;
      const alone = async <Result>(
        text: string,
        call: Call,
        work: () => Result | Promise<Result>,
        options: CallOptions,
      ): Promise<Result> => {
        if (busy) worlds.misuse.push(`world ${name} was called twice at once`);
        if (ended) worlds.misuse.push(`world ${name} was called after its close`);
        busy = true;
        worlds.log.push(`${name}:${text}`);
        await fault(call, options.signal);
        busy = false;
        return work();
      };
      return {
        reset: (task, options) =>
          alone(
            `reset ${task.id}`,
            'reset',
            async () => {
              const start = await environment.reset(task);
              at = start;
              const { observation, score, status, instruction } = start;
              return { observation, score, status, instruction };
            },
            options,
          ),
        step: (action, options) =>
          alone(
            `step ${action}`,
            'step',
            async () => {
              at = await environment.step(at!.state, action);
              const { observation, score, status } = at;
              return { observation, score, status };
            },
            options,
          ),
        admissible: (options) =>
          alone(
            'admissible',
            'admissible',
            async () => (await environment.admissible?.(at!.state)) ?? [],
            options,
          ),
        close: async () => {
          if (ended) worlds.misuse.push(`world ${name} was closed twice`);
          ended = true;
          await fault('close');
          worlds.live--;
          worlds.closed++;
        },
      };
    },
  };
  return worlds;
}

/** Lets `count` turns of the microtask queue pass. */
export async function ticks(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await Promise.resolve();
}

/** A promise that is settled from outside. */
export function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open!: () => void;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}
