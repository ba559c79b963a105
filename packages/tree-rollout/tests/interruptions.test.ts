import {
  eventFromJson,
  eventToJson,
  type Account,
  type Budget,
  type Environment,
  type Expansion,
  type Policy,
  type Tree,
  type TreeEvent,
} from '@spark-rl/core';

import { rolloutTree, rolloutTrees, streamTrees } from '../src/index.js';
import {
  brief,
  exploring,
  idle,
  protocol,
  randomPolicy,
  strictLeaves,
  strictTurns,
  tablePolicy,
  task,
} from './support.js';

interface Place {
  readonly path: string;
}

/** A world that says how many of its states nobody has released; a path ends with success after `length` steps. */
function countedWorld(length = 4): Environment<Place> & { readonly live: Set<Place> } {
  const live = new Set<Place>();
  const at = (path: string): Place => {
    const place = { path };
    live.add(place);
    return place;
  };
  return {
    id: 'counted',
    live,
    tasks: () => [],
    reset: () => ({
      state: at(''),
      observation: 'start',
      score: 0,
      status: 'running',
      instruction: 'Go.',
    }),
    step: async ({ path }, action) => {
      await Promise.resolve();
      const next = `${path}${action}`;
      const status = next.length >= length ? 'success' : 'running';
      return { state: at(next), observation: next, score: 0, status };
    },
    release: (place) => {
      if (!live.delete(place)) throw new Error('BUG: released twice');
    },
  };
}

const policy = randomPolicy({ seed: 1, end: 0, explore: 1, invalid: 0, fail: 0 });
const parts = {
  policy,
  protocol,
  brief,
  roots: 3,
  budget: strictLeaves(6),
  criterion: exploring(),
};
const one = { ...parts, task: task(), seed: ['s'] };

describe('states of a rollout that does not end by itself', () => {
  it('are all released when the journal fails, wherever it does', async () => {
    let failures = 0;
    for (let good = 0; good < 30; good++) {
      const environment = countedWorld();
      let written = 0;
      const journal = {
        append: () => {
          if (written++ === good) throw new Error('the disk is full');
        },
      };
      await rolloutTree({ ...one, environment, journal }).catch(() => failures++);
      await idle();
      expect(environment.live.size).toBe(0);
    }
    expect(failures).toBeGreaterThan(15);
  });

  it('are all released when a criterion fails', async () => {
    const environment = countedWorld();
    const criterion = {
      id: 'broken',
      maxWidth: 2,
      decide: () => {
        throw new Error('a bug');
      },
    };
    await expect(rolloutTree({ ...one, environment, criterion })).rejects.toThrow('a bug');
    await idle();
    expect(environment.live.size).toBe(0);
  });

  it('are all released when the reader of the stream leaves', async () => {
    const environment = countedWorld();
    let turns = 0;
    const trees = ['a', 'b'].map((id) => ({ task: task(id), seed: ['s'] }));
    for await (const { type } of streamTrees({ ...parts, environment, trees }))
      if (type === 'turn' && ++turns === 3) break;
    await idle();
    expect(environment.live.size).toBe(0);
  });

  it('are all released when it is stopped while a call hangs that does not heed it', async () => {
    const environment = countedWorld();
    const stop = new AbortController();
    let calls = 0;
    const hanging: Policy = {
      id: 'hanging',
      generate: (request) =>
        ++calls > 5 ? new Promise<never>(() => undefined) : policy.generate(request),
    };
    const grown = rolloutTree({ ...one, environment, policy: hanging, signal: stop.signal });
    await idle();
    stop.abort();
    await expect(grown).rejects.toThrow(/stopped/);
    await idle();
    expect(environment.live.size).toBe(0);
  });
});

describe('a world that cannot release a state', () => {
  /** What Node.js would end the process with. */
  const uncaught = async (work: () => Promise<unknown>): Promise<unknown[]> => {
    const errors: unknown[] = [];
    const note = (error: unknown): void => void errors.push(error);
    process.on('uncaughtException', note).on('unhandledRejection', note);
    await work();
    await idle();
    process.off('uncaughtException', note).off('unhandledRejection', note);
    return errors;
  };
  const stuck = (): Environment<Place> => ({
    ...countedWorld(),
    release: () => {
      throw new Error('it does not let go');
    },
  });

  it('does not end the process when the rollout is stopped', async () => {
    const stop = new AbortController();
    const errors = await uncaught(async () => {
      const grown = rolloutTree({
        ...one,
        environment: stuck(),
        policy: { id: 'hanging', generate: () => new Promise<never>(() => undefined) },
        signal: stop.signal,
      });
      await idle();
      stop.abort();
      await expect(grown).rejects.toThrow(/stopped/);
    });
    expect(errors).toEqual([]);
  });

  it('does not end the process when the state comes too late', async () => {
    const words = stuck();
    const answers: (() => void)[] = [];
    const environment: Environment<Place> = {
      ...words,
      reset: async (wanted) => {
        await new Promise<void>((resolve) => answers.push(resolve));
        return words.reset(wanted);
      },
    };
    const errors = await uncaught(async () => {
      const tree = await rolloutTree({
        ...one,
        environment,
        retries: 0,
        timeouts: { environment: 10 },
      });
      expect(tree.lost).toMatch('no answer within 10 ms');
      for (const answer of answers) answer();
    });
    expect(errors).toEqual([]);
  });
});

describe('a call that is given up', () => {
  it('to list admissible actions is told so and made again', async () => {
    const signals: AbortSignal[] = [];
    const environment: Environment<Place> = {
      ...countedWorld(2),
      admissible: (_, options) => {
        signals.push(options!.signal!);
        return signals.length === 1 ? new Promise<never>(() => undefined) : ['a', 'b', 'c'];
      },
    };
    const tree = await rolloutTree({
      ...one,
      environment,
      recordAdmissible: true,
      timeouts: { environment: 50 },
    });
    expect(tree.leaves.map(({ outcome }) => outcome)).not.toContain('failed');
    expect([...tree.turns.values()].map(({ admissible }) => admissible)).not.toContain(null);
    expect(signals[0]?.aborted).toBe(true);
  });

  it('leaves no timer behind when the rollout is stopped', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
    const stop = new AbortController();
    const grown = rolloutTree({
      ...one,
      environment: countedWorld(),
      policy: { id: 'hanging', generate: () => new Promise<never>(() => undefined) },
      timeouts: { policy: 600_000 },
      signal: stop.signal,
    });
    await idle();
    expect(jest.getTimerCount()).toBe(3);
    stop.abort();
    await expect(grown).rejects.toThrow(/stopped/);
    await idle();
    expect(jest.getTimerCount()).toBe(0);
    jest.useRealTimers();
  });

  it('holds no place while the listener hears of it', async () => {
    let free = (): void => undefined;
    const heard = new Promise<void>((resolve) => (free = resolve));
    let calls = 0;
    const seen: string[] = [];
    await rolloutTree({
      ...one,
      environment: countedWorld(),
      maxTurns: 1,
      policy: {
        id: 'once',
        generate: (request) => {
          if (++calls === 1) return Promise.reject(new Error('busy'));
          // The others go on while the listener still thinks about the first.
          if (calls === 3) free();
          return policy.generate(request);
        },
      },
      inFlight: { policy: 1 },
      onEvent: async ({ type }) => {
        seen.push(type);
        if (type === 'retry') await heard;
      },
    });
    expect(seen).toContain('retry');
    expect(calls).toBe(4);
  });

  it('after longer than a timer can hold is refused', async () => {
    await expect(
      rolloutTree({ ...one, environment: countedWorld(), timeouts: { policy: 3e9 } }),
    ).rejects.toThrow(/timeouts\.policy/);
  });
});

/** Leaves, and an amount of time that passes when somebody says so. */
const timed = (leaves: number, limit: number, clock: { now: number }): Budget => ({
  id: 'timed',
  open: (wanted, most) => {
    const inner = strictTurns(leaves, 1e6, 1e6).open(wanted, most);
    const opened = clock.now;
    const over = (): boolean => clock.now - opened >= limit;
    const account = (): Account => {
      const used = Math.min(limit, clock.now - opened);
      return { limit, used, reserved: 0, failed: 0, free: limit - used };
    };
    return {
      ...inner,
      branch: (width) => inner.branch(over() ? 1 : width),
      open: (count) => inner.open(over() ? 0 : count),
      turns: {
        ...inner.turns!,
        accounts: () => ({ milliseconds: account() }),
        reserve: () => !over() && inner.turns!.reserve(),
        mayRefuse: () => true,
        reproducible: false,
      },
    };
  },
});

describe('a budget of time', () => {
  it('does not run while a tree waits for its turn to grow', async () => {
    const clock = { now: 0 };
    const trees = await rolloutTrees({
      ...parts,
      environment: countedWorld(),
      roots: 1,
      criterion: exploring(1),
      budget: timed(1, 10, clock),
      trees: ['a', 'b', 'c', 'd'].map((id) => ({ task: task(id), seed: ['s'] })),
      concurrency: 1,
      onEvent: ({ type }) => {
        if (type === 'turn') clock.now += 2;
      },
    });
    expect(trees.map(({ leaves }) => leaves[0]?.outcome)).toEqual(Array(4).fill('success'));
  });

  it('never contradicts a record when the time runs out while it is replayed', async () => {
    const expansion: Expansion = {
      id: 'root again',
      rounds: 1,
      choose: ({ expandable }) => [{ node: expandable[0]!, children: 2 }],
    };
    const clock = { now: 0 };
    const options = {
      ...one,
      roots: 1,
      criterion: exploring(1),
      expansion,
      budget: timed(3, 10, clock),
    };
    const events: TreeEvent[] = [];
    const append = (event: TreeEvent): void => void events.push(event);
    await rolloutTree({ ...options, environment: countedWorld(), journal: { append } });
    expect(events.map(({ type }) => type)).toContain('expand');

    for (const pace of [4, 2.5]) {
      for (let kept = 1; kept < events.length; kept++) {
        const after: TreeEvent[] = [];
        const before = events.slice(0, kept);
        clock.now = 0;
        const grown = rolloutTree({
          ...options,
          environment: countedWorld(),
          journal: { recorded: () => before, append: (event) => void after.push(event) },
          onEvent: ({ type }) => {
            if (type === 'turn') clock.now += pace;
          },
        });
        const tree = await grown.catch((error: unknown) => error);
        if (tree instanceof Error)
          expect(tree.message).toMatch(/which its budget does not allow now/);
        else {
          const turns = [...before, ...after].flatMap((event) =>
            event.type === 'turn' ? [event.turn.id] : [],
          );
          expect(turns.sort()).toEqual([...(tree as Tree).turns.keys()]);
        }
      }
    }
  });
});

describe('what is recorded', () => {
  it('of an observation in parts is what a fresh one is, whatever else it holds and in whichever order', async () => {
    const words = countedWorld();
    const inParts = (text: string) => [{ text, seen: 7, type: 'text' as const }];
    const environment: Environment<Place> = {
      ...words,
      reset: async (wanted) => ({ ...(await words.reset(wanted)), observation: inParts('start') }),
      step: async (state, action) => {
        const next = await words.step(state, action);
        return { ...next, observation: inParts(next.state.path) };
      },
    };
    const events: TreeEvent[] = [];
    const whole = await rolloutTree({
      ...one,
      environment,
      journal: { append: (event) => void events.push(event) },
    });
    const read = events
      .slice(0, 6)
      .map((event) => eventFromJson(JSON.parse(JSON.stringify(eventToJson(event))), 'line'));
    const tree = await rolloutTree({
      ...one,
      environment,
      journal: { recorded: () => read, append: () => undefined },
    });
    const seen = ({ turns }: Tree): string =>
      JSON.stringify([...turns.values()].map(({ observation, next }) => [observation, next]));
    expect(seen(tree)).toBe(seen(whole));
    expect(tree.observation).toEqual([{ type: 'text', text: 'start' }]);
  });

  it('cannot be an observation with parts that are none', async () => {
    const words = countedWorld();
    const environment: Environment<Place> = {
      ...words,
      step: async (state, action) => ({
        ...(await words.step(state, action)),
        observation: [{ type: 'text' }] as never,
      }),
    };
    const tree = await rolloutTree({ ...one, environment });
    expect(tree.leaves.map(({ lostTo }) => lostTo)).toEqual(Array(3).fill('environment'));
    expect(tree.leaves[0]?.error).toMatch(/a part of the observation is {"type":"text"}/);
    expect(words.live.size).toBe(0);
  });
});

describe('a task that lost too many paths to the environment', () => {
  it('does not grow further', async () => {
    const words = countedWorld(9);
    let steps = 0;
    const environment: Environment<Place> = {
      ...words,
      step: (state, action) => {
        steps++;
        if (state.path !== '') throw new Error('the machine is gone');
        return words.step(state, action);
      },
    };
    const tree = await rolloutTree({
      ...one,
      environment,
      criterion: exploring(1),
      budget: strictLeaves(12),
      retries: 0,
      expansion: { id: 'again', rounds: 5, choose: () => [{ node: null, children: 1 }] },
    });
    expect([steps, tree.leaves.length]).toEqual([6, 3]);
  });
});

describe('copies that fill up a group', () => {
  it('leave the ids alone under which an expansion went on where a budget had ended a path', async () => {
    const words = Object.fromEntries(
      ['0', '0.0', '1', '1.0', '2', '3', '2.0', '2.1'].map((id) => [id, 'think a']),
    );
    for (let seed = 0; seed < 20; seed++) {
      const tree = await rolloutTree({
        ...one,
        seed: [seed],
        environment: countedWorld(2),
        policy: tablePolicy(words),
        roots: 4,
        criterion: exploring(1),
        profile: 'reference-code',
        // Four first turns, then two second ones; what those do not use pays for two more.
        sampling: { maxTokens: 100 },
        budget: strictTurns(12, 460, 99),
        expansion: {
          id: 'cut path',
          rounds: 1,
          choose: ({ expandable }) => [{ node: expandable.at(-1)!, children: 2 }],
        },
      });
      const ids = tree.leaves.map(({ id }) => id);
      expect(ids).toHaveLength(12);
      expect(new Set(ids).size).toBe(12);
    }
  });
});

describe('a part that would silently do nothing', () => {
  it('is refused at once', async () => {
    const environment = countedWorld();
    const { decide } = exploring();
    const choose = () => [];
    for (const [change, field] of [
      [{ criterion: { id: 'no width', decide } }, 'criterion'],
      [{ expansion: { id: 'no rounds', choose } }, 'expansion'],
      [
        { spending: { id: 'no probes', plan: () => ({ roots: 1, leaves: 1, width: 1 }) } },
        'spending',
      ],
    ] as const)
      await expect(rolloutTree({ ...one, environment, ...(change as object) })).rejects.toThrow(
        new RegExp(`${field}: expected an? .* of at least 1`),
      );
  });

  it('is refused when its priority is no number', async () => {
    const criterion = { id: 'odd', maxWidth: 2, decide: () => ({ width: 2, priority: NaN }) };
    await expect(rolloutTree({ ...one, environment: countedWorld(), criterion })).rejects.toThrow(
      /criterion odd gave turn 0 a priority that is no number/,
    );
  });
});

describe('a path that an expansion opened', () => {
  it('shows the criterion what was granted to forks, not what earlier rounds added', async () => {
    const seen = new Map<string, readonly number[]>();
    await rolloutTree({
      ...one,
      environment: countedWorld(),
      roots: 1,
      criterion: {
        id: 'looking',
        maxWidth: 2,
        decide: ({ turn, path }) => {
          seen.set(
            turn.id,
            path.map(({ grantedWidth }) => grantedWidth),
          );
          return { width: 2 };
        },
      },
      // Serves nobody, so that no turn forks.
      arbiter: { id: 'nobody', order: () => [] },
      expansion: {
        id: 'root again',
        rounds: 2,
        choose: ({ expandable }) => [{ node: expandable[0]!, children: 1 }],
      },
    });
    expect([...seen.keys()]).toEqual(['0', '0.0', '0.0.0', '0.1', '0.1.0', '0.2', '0.2.0']);
    expect(seen.get('0.2')).toEqual([1, 1]);
  });
});
