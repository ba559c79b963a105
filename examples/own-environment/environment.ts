import { randomSource, taskId, type AgentBrief, type Environment, type Task } from '@spark-rl/core';

/** Where a game stands. A state is a value: `step` returns a new one and changes nothing, so any of them can be forked. */
interface Guessing {
  readonly secret: number;
  readonly low: number;
  readonly high: number;
  readonly left: number;
  readonly found: boolean;
}

const HIGHEST = 100;
const GUESSES = 6;

/** What follows from a state: what the agent sees, the score, and how the episode stands. */
const transition = (state: Guessing) => {
  const { low, high, left, found } = state;
  return {
    state,
    observation: `The number is between ${low} and ${high}. ${left} guesses left.`,
    score: found ? 1 : 0,
    status: found ? 'success' : left === 0 ? 'failure' : 'running',
  } as const;
};

/** Guess a number from 1 to 100 in six guesses; after each one you hear where it still can be. */
export const guessing: Environment<Guessing> = {
  id: 'guessing',
  tasks: ({ split, count = 10, seed = 0 }): Task[] =>
    Array.from({ length: count }, (_, i) => ({
      id: taskId(`${split}-${seed}-${i}`),
      environment: 'guessing',
      split,
      data: 1 + randomSource([split, seed, i]).integer(HIGHEST),
    })),
  reset: ({ data }) => ({
    ...transition({ secret: Number(data), low: 1, high: HIGHEST, left: GUESSES, found: false }),
    instruction: 'Find the number.',
  }),
  step: (state, action) => {
    const { secret, low, high, left, found } = state;
    if (found || left === 0) throw new Error('The game is over.');
    const guess = Number(/^guess (\d+)$/.exec(action)?.[1] ?? NaN); // NaN is below and above nothing
    return transition({
      secret,
      low: guess < secret ? Math.max(low, guess + 1) : low,
      high: guess > secret ? Math.min(high, guess - 1) : high,
      left: left - 1,
      found: guess === secret,
    });
  },
};

/** What an agent is told of this world. */
export const brief: AgentBrief = {
  world: 'I think of a number. You guess it.',
  actions: [{ form: 'guess {number}', meaning: 'guesses a number' }],
};
