import {
  EnvironmentError,
  parseInput,
  throwIfAborted,
  type Environment,
  type Status,
  type Transition,
} from '@spark-rl/core';
import { z } from 'zod';

import { GOAL_SPLITS, type GoalSplits } from '../goals/splits.js';
import { pageOf } from './page.js';
import { pageText, type ObservationMode } from './page-text.js';
import { formatActions, formatObservation, type PromptFormat } from './prompt-format.js';
import { freshSession, type Session } from './session.js';
import type { Shop } from './shop.js';
import { goalPlace, listTasks, ENVIRONMENT } from './tasks.js';
import { visit } from './visit.js';

/** A moment of an episode. */
export interface WebshopState {
  readonly session: Session;
  /** Actions so far, those included that did nothing. */
  readonly steps: number;
  readonly status: Status;
  /** Earlier observations and actions, oldest first; kept as far as observations show them. */
  readonly observed: readonly string[];
  readonly acted: readonly string[];
}

/** How the shop is played. */
export interface WebshopOptions {
  readonly shop: Shop;
  /** `text` (default) or `text_rich`. */
  readonly observation?: ObservationMode;
  /** How observations and actions are put before the agent; default `original`. */
  readonly format?: PromptFormat;
  /** How goals are divided into splits; default `original`. */
  readonly splits?: GoalSplits;
  /** After how many actions an episode is cut off; default 15. */
  readonly maxSteps?: number;
  /** Whether products have a page with their attributes; default false. */
  readonly showAttributes?: boolean;
  /** How many earlier observations an observation begins with; default 0. */
  readonly previousObservations?: number;
  /** How many earlier actions an observation begins with; default 0. */
  readonly previousActions?: number;
}

const schema = z.strictObject({
  shop: z.custom<Shop>(
    (value) => typeof value === 'object' && value !== null && 'goals' in value && 'find' in value,
    'not a shop; make one with openShop',
  ),
  observation: z.enum(['text', 'text_rich']).default('text'),
  format: z.enum(['original', 'verl-agent', 'spark']).default('original'),
  splits: z.enum(Object.keys(GOAL_SPLITS) as GoalSplits[]).default('original'),
  maxSteps: z.int().min(1).default(15),
  showAttributes: z.boolean().default(false),
  previousObservations: z.int().min(0).default(0),
  previousActions: z.int().min(0).default(0),
});

const lastOf = <Item>(items: readonly Item[], count: number): readonly Item[] =>
  count === 0 ? [] : items.slice(-count);

/** Earlier actions and observations and the one now, oldest first, as the original puts them together. */
function withHistory(now: string, observed: readonly string[], acted: readonly string[]): string {
  const parts = [now];
  for (let i = 1; i <= Math.max(observed.length, acted.length); i++) {
    const [action, observation] = [acted.at(-i), observed.at(-i)];
    if (action !== undefined) parts.push(action);
    if (observation !== undefined) parts.push(observation);
  }
  return parts.reverse().join(' [SEP] ');
}

/**
 * WebShop as an environment. The score is the reward of the purchase, 0 to 1, and 0 before it; buying ends an episode, as
 * `success` where the reward is 1 and as `failure` otherwise.
 *
 * @throws InvalidInputError when an option is wrong
 */
export function webshopEnvironment(options: WebshopOptions): Environment<WebshopState> {
  const settings = parseInput(schema, options, 'options of webshopEnvironment');
  const { shop, observation: mode, format, splits, maxSteps } = settings;

  const transition = (
    session: Session,
    history: Pick<WebshopState, 'observed' | 'acted'>,
    steps: number,
  ): Transition<WebshopState> => {
    const text = pageText(pageOf(shop, session, settings), session, mode);
    const now = formatObservation(text, session, format);
    const status =
      session.page === 'done'
        ? session.reward === 1
          ? 'success'
          : 'failure'
        : steps >= maxSteps
          ? 'truncated'
          : 'running';
    return {
      state: {
        session,
        steps,
        status,
        observed: lastOf([...history.observed, now], settings.previousObservations),
        acted: history.acted,
      },
      observation: withHistory(now, history.observed, history.acted),
      score: session.reward,
      status,
    };
  };

  return {
    id: ENVIRONMENT,
    tasks: (query) => listTasks(shop.goals, splits, query),
    reset: (task, call) => {
      throwIfAborted(call?.signal);
      const place = goalPlace(shop.goals, task);
      const session = freshSession(String(place), shop.goals.at(place));
      return {
        ...transition(session, { observed: [], acted: [] }, 0),
        instruction: session.goal.instruction,
      };
    },
    step: (state, action, call) => {
      throwIfAborted(call?.signal);
      if (state.status !== 'running') {
        throw new EnvironmentError(`the episode has ended (${state.status})`, {
          value: action,
          remedy: 'Reset the environment, or step an earlier state.',
        });
      }
      const acted = lastOf([...state.acted, action], settings.previousActions);
      const session = visit(shop, state.session, action, settings);
      return transition(session, { observed: state.observed, acted }, state.steps + 1);
    },
    admissible: ({ session, status }) =>
      status === 'running' ? formatActions(pageOf(shop, session, settings), format) : [],
  };
}
