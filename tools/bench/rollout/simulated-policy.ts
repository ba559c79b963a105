import { randomSource, type Generation, type Policy } from '@spark-rl/core';

import type { VirtualClock } from './virtual-clock.js';

/** How a simulated server decodes, in seconds and tokens. */
export interface ServerSpeed {
  /** An iteration, whatever the batch. */
  readonly base: number;
  /** What each running response adds to it. */
  readonly perRow: number;
  /** Tokens of a response: the median, and the standard deviation of the logarithm (0: all are equally long). */
  readonly tokens: number;
  readonly spread: number;
  /** Probability that a response explores. */
  readonly explore: number;
}

interface Row {
  left: number;
  readonly finish: () => void;
}

/**
 * A policy behind a server with continuous batching: an iteration gives every running response one token and takes
 * `base + perRow * rows`; who arrives during one joins at the next. What is said, and how long it is, follows from the key.
 */
export function simulatedPolicy(clock: VirtualClock, speed: ServerSpeed): Policy {
  let rows: Row[] = [];
  let busy = false;

  const iterate = (): void => {
    if (rows.length === 0) {
      busy = false;
      return;
    }
    const running = rows;
    clock.at(clock.now() + speed.base + speed.perRow * running.length, () => {
      for (const row of running) row.left--;
      for (const row of running) if (row.left <= 0) row.finish();
      rows = rows.filter(({ left }) => left > 0);
      // As an event of its own: who arrives at this very moment takes part.
      clock.at(clock.now(), iterate);
    });
    rows = [...running];
  };
  const decode = (tokens: number): Promise<void> =>
    new Promise((finish) => {
      rows.push({ left: tokens, finish });
      if (!busy) {
        busy = true;
        clock.at(clock.now(), iterate);
      }
    });

  return {
    id: 'simulated',
    generate: async ({ key }): Promise<Generation> => {
      const random = randomSource([...key, 'simulated']);
      const tokens = Math.max(
        1,
        Math.round(speed.tokens * Math.exp(speed.spread * random.normal())),
      );
      const mode = random.uniform() < speed.explore ? 'explore' : 'think';
      const text = `<${mode}></${mode}><action>${random.integer(1_000_000)}</action>`;
      await decode(tokens);
      return {
        text,
        policyVersion: 'simulated',
        finish: 'stop',
        promptTokens: Int32Array.of(1),
        responseTokens: Int32Array.of(2),
        logProbs: Float32Array.of(-1),
        cachedPromptTokens: 0,
      };
    },
  };
}
