import {
  BudgetError,
  randomSource,
  taskId,
  type Account,
  type Arbiter,
  type BranchingCriterion,
  type Budget,
  type Environment,
  type Ledger,
  type Policy,
  type Start,
  type Status,
  type Task,
  type Transition,
  type Tree,
} from '@spark-rl/core';
import { plainProtocol, scriptedPolicy } from '@spark-rl/core/testing';

import type { RolloutTreeOptions } from '../src/index.js';

export const brief = { world: 'A test.', actions: [] };
export const task = (id = 't'): Task => ({
  id: taskId(id),
  environment: 'random',
  split: 'train',
  data: null,
});

/** A leaf ledger that refuses every misuse and checks its balance at every call. */
export const strictLeaves = (leaves: number): Budget => ({
  id: `strict(${leaves})`,
  open: (): Ledger => {
    let limit = leaves;
    let created = 0;
    let used = 0;
    let failed = 0;
    const account = () => ({
      limit,
      used,
      failed,
      reserved: created - used - failed,
      free: limit - created,
    });
    const check = (): void => {
      const { reserved, free } = account();
      if (reserved < 0 || free < 0)
        throw new Error(`the ledger broke: ${JSON.stringify(account())}`);
    };
    return {
      account,
      openRoots: (count) => {
        if (created > 0 || count > limit) throw new BudgetError(`${count} roots, ${limit} leaves`);
        created = count;
      },
      branch: (width) => {
        if (created - used - failed < 1) throw new Error('no leaf is running');
        const granted = Math.min(width, limit - created + 1);
        created += granted - 1;
        check();
        return granted;
      },
      open: (count) => {
        const granted = Math.min(count, limit - created);
        created += granted;
        return granted;
      },
      tighten: (wanted) => {
        limit = wanted;
        check();
      },
      complete: () => {
        used++;
        check();
      },
      fail: () => {
        failed++;
        check();
      },
    };
  },
});

/** {@link strictLeaves} whose turns cost tokens and steps, of which there are only so many. */
export const strictTurns = (leaves: number, tokens: number, steps: number): Budget => ({
  id: `strict(${leaves},${tokens},${steps})`,
  open: (wanted, most): Ledger => {
    const limits = { tokens, steps };
    const used = { tokens: 0, steps: 0 };
    const failed = { tokens: 0, steps: 0 };
    let reservations = 0;
    const free = (of: 'tokens' | 'steps'): number =>
      limits[of] - used[of] - failed[of] - reservations * most[of];
    const room = (): number =>
      Math.min(Math.floor(free('tokens') / most.tokens), Math.floor(free('steps') / most.steps));
    const accountOf = (of: 'tokens' | 'steps'): Account => ({
      limit: limits[of],
      used: used[of],
      reserved: reservations * most[of],
      failed: failed[of],
      free: free(of),
    });
    const reserve = (count: number): void => {
      if (count > room()) throw new Error(`${count} turns do not fit in ${room()}`);
      reservations += count;
    };
    const inner = strictLeaves(leaves).open(wanted, most);
    return {
      ...inner,
      openRoots: (count) => {
        reserve(count);
        inner.openRoots(count);
      },
      branch: (width) => {
        const granted = inner.branch(Math.min(width, 1 + room()));
        reserve(granted - 1);
        return granted;
      },
      open: (count) => {
        const granted = inner.open(Math.min(count, room()));
        reserve(granted);
        return granted;
      },
      turns: {
        accounts: () => ({ tokens: accountOf('tokens'), steps: accountOf('steps') }),
        reserve: () => {
          if (room() < 1) return false;
          reserve(1);
          return true;
        },
        settle: (spent, lost) => {
          if (reservations < 1) throw new Error('nothing is reserved');
          if (spent.tokens > most.tokens || spent.steps > most.steps)
            throw new Error(`too much was spent: ${JSON.stringify(spent)}`);
          reservations--;
          const to = lost ? failed : used;
          to.tokens += spent.tokens;
          to.steps += spent.steps;
        },
        mayRefuse: (turns) => turns > room(),
        reproducible: true,
      },
    };
  },
});

/** Asks for `width` children where the response is tagged `explore`. */
export const exploring = (width = 2): BranchingCriterion => ({
  id: 'exploring',
  maxWidth: width,
  decide: ({ turn }) => ({ width: turn.response.mode === 'explore' ? width : 1 }),
});

/** Serves requests in the order of their paths. */
export const inOrder: Arbiter = { id: 'in-order', order: (requests) => requests };

/** A policy that reads its words from a table: node id -> mode and action. Others think and wait. */
export const tablePolicy = (table: Readonly<Record<string, string>>): Policy =>
  scriptedPolicy(({ request: { key } }) => {
    const [mode, action] = (table[String(key[key.indexOf('node') + 1])] ?? 'think wait').split(' ');
    return `<${mode}>r</${mode}><action>${action}</action>`;
  });

/** Answers `win`, `lose` and `stop` with an end, everything else with a running state; counts steps. */
export const plainWorld = (): Environment<string> & { readonly steps: string[] } => {
  const steps: string[] = [];
  const ends: Readonly<Record<string, Status>> = {
    win: 'success',
    lose: 'failure',
    stop: 'truncated',
  };
  return {
    id: 'plain',
    steps,
    tasks: () => [task()],
    reset: () => ({
      state: '',
      observation: 'start',
      score: 0,
      status: 'running',
      instruction: 'Win.',
    }),
    step: (state, action) => {
      steps.push(`${state}>${action}`);
      const status = ends[action] ?? 'running';
      const score = status === 'success' ? 1 : 0.25;
      return { state: `${state}>${action}`, observation: `after ${action}`, score, status };
    },
  };
};

/** Lets calls wait, and releases them one at a time in an order drawn from `seed`. */
export function shuffledClock(seed: number): () => Promise<void> {
  const random = randomSource(['clock', seed]);
  const waiting: (() => void)[] = [];
  let pumping = false;
  const pump = (): void => {
    const [resolve] = waiting.splice(random.integer(waiting.length), 1);
    resolve?.();
    pumping = waiting.length > 0;
    if (pumping) setImmediate(pump);
  };
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve);
      if (!pumping) setImmediate(pump);
      pumping = true;
    });
}

/** Gives everything that can go on without us the occasion to do so. */
export async function idle(): Promise<void> {
  for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** A state of the random world: what was done so far. Frozen, so that changing it throws. */
export interface RandomState {
  readonly history: readonly string[];
  readonly status: Status;
}

/** How a random world and a random policy behave; shares in [0, 1]. */
export interface Chances {
  readonly seed: number;
  readonly end: number;
  readonly explore: number;
  readonly invalid: number;
  /** Of a policy call or a step throwing. */
  readonly fail: number;
}

/** An environment whose transitions are drawn from what was done so far. */
export function randomWorld(
  chances: Chances,
  wait?: () => Promise<void>,
): Environment<RandomState> {
  const at = (history: readonly string[]): Transition<RandomState> => {
    const random = randomSource(['world', chances.seed, ...history]);
    const ended = history.length > 0 && random.uniform() < chances.end;
    const status: Status = ended ? random.pick(['success', 'failure', 'truncated']) : 'running';
    const state = Object.freeze({ history: Object.freeze([...history]), status });
    return { state, observation: `at ${history.length}`, score: random.uniform(), status };
  };
  const step = (state: RandomState, action: string): Transition<RandomState> => {
    if (state.status !== 'running') throw new Error('BUG: stepped an ended state');
    const history = [...state.history, action];
    if (randomSource(['broken', chances.seed, ...history]).uniform() < chances.fail / 2)
      throw new Error('the machine is gone');
    return at(history);
  };
  return {
    id: 'random',
    tasks: () => [task()],
    reset: async (): Promise<Start<RandomState>> => {
      await wait?.();
      return { ...at([]), instruction: 'Go on.' };
    },
    step: (state, action) =>
      wait === undefined ? step(state, action) : wait().then(() => step(state, action)),
    admissible: async () => {
      await wait?.();
      return ['a', 'b'];
    },
  };
}

/** A policy whose words, and failures, are drawn from the key of the call. */
export const randomPolicy = (chances: Chances, wait?: () => Promise<void>): Policy =>
  scriptedPolicy(async ({ random }) => {
    await wait?.();
    if (random.uniform() < chances.fail) throw new Error('no connection');
    const mode = random.uniform() < chances.explore ? 'explore' : 'think';
    const action = random.pick(['a', 'b', 'c']);
    const body = random.uniform() < chances.invalid ? 'no action' : `<action>${action}</action>`;
    return `<${mode}>${random.integer(100)}</${mode}>${body}`;
  });

export const protocol = plainProtocol();

/** A small rollout whose policy reads its words from a table, with everything else fixed. */
export const parts = (
  table: Readonly<Record<string, string>>,
  overrides: Partial<RolloutTreeOptions<string>> = {},
): RolloutTreeOptions<string> => ({
  environment: plainWorld(),
  policy: tablePolicy(table),
  protocol,
  brief,
  task: task(),
  seed: ['seed', 1],
  criterion: exploring(),
  arbiter: inOrder,
  budget: strictLeaves(8),
  ...overrides,
});

/** The shape of a tree: every turn's id with the children granted to it, and every leaf with its outcome. */
export const shape = (tree: Tree): { turns: string[]; leaves: string[] } => ({
  turns: [...tree.turns.values()].map(({ id, grantedWidth }) => `${id}:${grantedWidth}`),
  leaves: tree.leaves.map(({ id, outcome }) => `${id} ${outcome}`),
});
