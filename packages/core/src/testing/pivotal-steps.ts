import { z } from 'zod';

import type { Environment, Start, Status, Task, TaskQuery, Transition } from '../environment.js';
import { EnvironmentError } from '../errors.js';
import { taskId } from '../ids.js';
import type { Policy } from '../policy.js';
import { randomSource } from '../random.js';
import { textPolicy } from '../text-policy.js';
import { childrenOf, type Tree, type Turn } from '../tree.js';
import { parseInput } from '../validation.js';

/** How far the walker is, and how it went so far. */
export interface PivotalState {
  readonly turn: number;
  readonly status: Status;
}

const pivotalStepsOptions = z.strictObject({
  pivots: z.int().min(1),
  routine: z.int().min(1).default(1),
});

const NEXT = 'The way is plain, and a pivotal step comes next.';
const PIVOT = 'A pivotal step: right or wrong?';

/**
 * A world in which few turns decide. An episode is m times the same: `routine` turns on which nothing depends, then a pivotal
 * one. There `right` goes on and anything else fails at once; the m-th `right` is success. The turn before a pivotal one is
 * announced, so that a policy can say in time that it is unsure: a fork lets the next turn be tried again, never its own.
 * Score: 1 at success, 0 elsewhere.
 *
 * @param options.pivots - m, the pivotal turns of an episode, at least 1
 * @param options.routine - the routine turns before each, at least 1; 1 by default
 */
export function pivotalSteps(
  options: z.input<typeof pivotalStepsOptions>,
): Environment<PivotalState> {
  const { pivots, routine } = parseInput(pivotalStepsOptions, options, 'options of pivotalSteps');
  const period = routine + 1;
  const isPivot = (turn: number): boolean => turn % period === routine;

  const observe = ({ turn, status }: PivotalState): string => {
    if (status === 'success') return 'All went right.';
    if (status === 'failure') return 'That was wrong.';
    if (isPivot(turn)) return PIVOT;
    return isPivot(turn + 1) ? NEXT : 'The way is plain.';
  };
  const transition = (state: PivotalState): Transition<PivotalState> => ({
    state,
    observation: observe(state),
    score: state.status === 'success' ? 1 : 0,
    status: state.status,
  });

  return {
    id: 'pivotal-steps',
    tasks: ({ split, count = 1 }: TaskQuery): Task[] =>
      Array.from({ length: count }, (_, index) => ({
        id: taskId(`${split}-${index}`),
        environment: 'pivotal-steps',
        split,
        data: null,
      })),
    reset: (): Start<PivotalState> => ({
      ...transition({ turn: 0, status: 'running' }),
      instruction: `Get ${pivots} decisions right.`,
    }),
    step: ({ turn, status }, action) => {
      if (status !== 'running')
        throw new EnvironmentError('the episode has ended; reset to start another');
      const wrong = isPivot(turn) && action !== 'right';
      const done = turn + 1 === pivots * period;
      return transition({
        turn: turn + 1,
        status: wrong ? 'failure' : done ? 'success' : 'running',
      });
    },
    admissible: ({ turn, status }) =>
      status !== 'running' ? [] : isPivot(turn) ? ['right', 'wrong'] : ['on'],
  };
}

/**
 * A policy for {@link pivotalSteps} that says `<explore>` before every pivotal turn and there does the right thing with
 * probability `mass`, independently for every key. It is text alone, without tokens.
 *
 * @param options.mass - q, the one-sample success mass, in [0, 1]
 */
export function pivotalPolicy(options: { readonly mass: number }): Policy {
  const { mass } = parseInput(
    z.strictObject({ mass: z.number().min(0).max(1) }),
    options,
    'options of pivotalPolicy',
  );
  return textPolicy(`pivotal(${mass})`, (prompt, { key }) => {
    // What is observed now stands last, whatever of the past a protocol shows.
    if (prompt.lastIndexOf(NEXT) > prompt.lastIndexOf(PIVOT))
      return '<explore>unsure</explore><action>on</action>';
    if (!prompt.trimEnd().endsWith(PIVOT)) return '<action>on</action>';
    return `<action>${randomSource(key).uniform() < mass ? 'right' : 'wrong'}</action>`;
  });
}

/** How many pivotal steps a tree of {@link pivotalSteps} covered, each from 0 to m. */
export interface PivotsCovered {
  /** Along one line: from the first root on, at every pivotal step the first child that did the right thing. */
  readonly line: number;
  /** Along the path that came furthest. */
  readonly tree: number;
}

const isRight = ({ action }: Turn): boolean => action === 'right';

/** Counts the pivotal steps that a finished tree covered. */
export function pivotsCovered(tree: Pick<Tree, 'turns'>): PivotsCovered {
  let line = 0;
  let next = childrenOf(tree, null).at(0);
  while (next !== undefined) {
    const children: readonly Turn[] = childrenOf(tree, next);
    const pivotal = children.some(({ observation }) => observation === PIVOT);
    next = pivotal ? children.find(isRight) : children[0];
    if (pivotal && next !== undefined) line++;
  }
  // Parents stand before their children.
  const rights = new Map<string | null, number>([[null, 0]]);
  for (const turn of tree.turns.values())
    rights.set(turn.id, (rights.get(turn.parent) ?? 0) + (isRight(turn) ? 1 : 0));
  return { line, tree: Math.max(...rights.values()) };
}
