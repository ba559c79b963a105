import { AbortedError, EnvironmentError, type GenerationRequest, type Tree } from '@spark-rl/core';
import { scriptedPolicy } from '@spark-rl/core/testing';

import {
  rolloutTree,
  rolloutTrees,
  streamTrees,
  type RolloutEvent,
  type RolloutTreeOptions,
} from '../src/index.js';
import {
  brief,
  exploring,
  idle,
  inOrder,
  plainWorld,
  protocol,
  shape,
  strictLeaves,
  task,
} from './support.js';

const thinking = scriptedPolicy(() => '<think>r</think><action>a</action>');

const base = {
  environment: plainWorld(),
  policy: thinking,
  protocol,
  brief,
  roots: 2,
  maxTurns: 2,
};
const parts = (
  overrides: Partial<RolloutTreeOptions<string>> = {},
): RolloutTreeOptions<string> => ({ ...base, task: task(), seed: ['seed', 1], ...overrides });

const nodeOf = ({ key }: GenerationRequest): string => String(key[key.indexOf('node') + 1]);
const forever = (): Promise<never> => new Promise(() => undefined);

describe('a time-out', () => {
  it('of the policy gives the call up, tells it so, and makes it again', async () => {
    const signals: AbortSignal[] = [];
    const retries: RolloutEvent[] = [];
    const policy = {
      id: 'slow once',
      generate: (request: GenerationRequest) => {
        if (nodeOf(request) !== '1' || signals.length > 0) return thinking.generate(request);
        signals.push(request.signal!);
        return forever();
      },
    };
    const tree = await rolloutTree(
      parts({
        policy,
        timeouts: { policy: 20 },
        onEvent: (event) => (event.type === 'retry' ? void retries.push(event) : undefined),
      }),
    );
    expect(shape(tree).leaves).toEqual(['0.0 truncated', '1.0 truncated']);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
    expect(retries).toMatchObject([{ callee: 'policy', node: '1', retry: 1 }]);
  });

  it('that stays loses the leaf and says how long was waited', async () => {
    const policy = { id: 'dead', generate: forever };
    const tree = await rolloutTree(parts({ policy, retries: 1, timeouts: { policy: 5 } }));
    expect(tree.leaves[0]).toMatchObject({
      outcome: 'failed',
      lostTo: 'policy',
      error: 'policy: PolicyError: policy: no answer within 5 ms',
    });
  });

  it('of the environment releases a state that comes too late', async () => {
    const world = plainWorld();
    const released: string[] = [];
    let late = (): void => undefined;
    let steps = 0;
    const environment = {
      ...world,
      release: (state: string) => void released.push(state),
      step: async (state: string, action: string) => {
        if (++steps === 1) {
          await new Promise<void>((resolve) => (late = resolve));
          return { ...(await world.step(state, action)), state: 'late' };
        }
        return world.step(state, action);
      },
    };
    const tree = await rolloutTree(
      parts({ environment, roots: 1, maxTurns: 1, timeouts: { environment: 10 } }),
    );
    expect(shape(tree).leaves).toEqual(['0 truncated']);
    expect([...released].sort()).toEqual(['', '>a']);
    late();
    await idle();
    expect([...released].sort()).toEqual(['', '>a', 'late']);
  });

  it.each<[object]>([[{ policy: 0 }], [{ environment: -1 }], [{ other: 5 }]])(
    'of %j is refused',
    async (timeouts) => {
      await expect(rolloutTree(parts({ timeouts }))).rejects.toThrow(/timeouts/);
    },
  );
});

describe('calls in flight', () => {
  const watched = (wait: () => Promise<void>) => {
    const now = { policy: 0, environment: 0 };
    const most = { policy: 0, environment: 0 };
    const within = async <Value>(
      of: 'policy' | 'environment',
      call: () => Promise<Value>,
    ): Promise<Value> => {
      most[of] = Math.max(most[of], ++now[of]);
      try {
        await wait();
        return await call();
      } finally {
        now[of]--;
      }
    };
    const world = plainWorld();
    return {
      most,
      policy: {
        id: 'watched',
        generate: (request: GenerationRequest) =>
          within('policy', () => thinking.generate(request)),
      },
      environment: {
        ...world,
        step: (state: string, action: string) =>
          within('environment', async () => world.step(state, action)),
      },
    };
  };
  const trees = Array.from({ length: 6 }, (_, i) => ({ task: task(`t${i}`), seed: [i] }));
  const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  it('are as many as `inFlight` says, over all trees', async () => {
    const run = async (
      { policy, environment }: ReturnType<typeof watched>,
      inFlight: { policy?: number; environment?: number },
    ): Promise<void> => {
      await rolloutTrees({ ...base, policy, environment, trees, inFlight });
    };
    const free = watched(tick);
    await run(free, {});
    expect(free.most.policy).toBe(12);
    const bound = watched(tick);
    await run(bound, { policy: 3, environment: 2 });
    expect(bound.most).toEqual({ policy: 3, environment: 2 });
  });

  it('give their place back when they fail, and those that wait stop when stopped', async () => {
    const controller = new AbortController();
    let calls = 0;
    const policy = {
      id: 'stuck',
      generate: () => {
        calls++;
        return forever();
      },
    };
    const growing = rolloutTree(
      parts({ policy, roots: 4, inFlight: { policy: 1 }, signal: controller.signal }),
    );
    await idle();
    controller.abort();
    await expect(growing).rejects.toThrow(AbortedError);
    await idle();
    expect(calls).toBe(1);

    const failing = { id: 'failing', generate: () => Promise.reject(new Error('gone')) };
    const tree = await rolloutTree(parts({ policy: failing, roots: 4, inFlight: { policy: 1 } }));
    expect(tree.account).toMatchObject({ failed: 4 });
  });
});

describe('a poisoned task', () => {
  it('is given up when enough paths were lost to the environment, between turns that all share', async () => {
    const world = plainWorld();
    const environment = {
      ...world,
      step: (state: string, action: string) => {
        if (action === 'b') throw new EnvironmentError('the machine is gone');
        return world.step(state, action);
      },
    };
    const policy = scriptedPolicy(({ request }) =>
      ['1', '2'].includes(nodeOf(request))
        ? '<think>r</think><action>b</action>'
        : '<think>r</think><action>a</action>',
    );
    const poisoned: RolloutEvent[] = [];
    const options = parts({
      environment,
      policy,
      roots: 4,
      maxTurns: 4,
      retries: 0,
      criterion: exploring(),
      arbiter: inOrder,
      budget: strictLeaves(8),
      poisonAfter: 2,
      onEvent: (event) => (event.type === 'poison' ? void poisoned.push(event) : undefined),
    });
    const tree = await rolloutTree(options);
    const reason = '2 paths of task t were lost to the environment, so it was given up';
    expect(poisoned).toEqual([{ type: 'poison', tree: 't', task: 't', reason }]);
    expect(tree.leaves.map(({ id, tail, lostTo, error }) => [id, tail, lostTo, error])).toEqual([
      ['0.0', '0', 'task', reason],
      ['1', null, 'environment', 'environment: EnvironmentError: the machine is gone'],
      ['2', null, 'environment', 'environment: EnvironmentError: the machine is gone'],
      ['3.0', '3', 'task', reason],
    ]);
    expect(tree.account).toEqual({ limit: 8, used: 0, reserved: 0, failed: 4, free: 4 });
    // Failures of the policy do not count against a task.
    expect(shape(await rolloutTree({ ...options, poisonAfter: 3 })).leaves).toEqual([
      '0.0.0.0 truncated',
      '1 failed',
      '2 failed',
      '3.0.0.0 truncated',
    ]);
  });
});

describe('the events', () => {
  it('tell all that happens to a tree, in order', async () => {
    const told: string[] = [];
    const say = (event: RolloutEvent): string => {
      switch (event.type) {
        case 'turn':
          return `turn ${event.turn.id}`;
        case 'grant':
          return `grant ${event.grants.map(({ node, width, granted }) => `${node} ${width}->${granted}`).join(', ')}`;
        case 'fork':
          return `fork ${event.node}: ${event.children.join(' ')}`;
        case 'leaf':
          return `leaf ${event.leaf.id} ${event.account.used}`;
        default:
          return event.type;
      }
    };
    await rolloutTree(
      parts({
        policy: scriptedPolicy(({ request }) =>
          nodeOf(request).length === 1
            ? '<explore>r</explore><action>a</action>'
            : '<think>r</think><action>a</action>',
        ),
        criterion: exploring(),
        arbiter: inOrder,
        budget: strictLeaves(3),
        onEvent: (event) => void told.push(say(event)),
      }),
    );
    expect(told).toEqual([
      ...['open', 'grant 0 2->2, 1 2->1', 'turn 0', 'fork 0: 0.0 0.1', 'turn 1'],
      // The budget is full: from here on every path runs by itself.
      ...['turn 0.0', 'turn 0.1', 'turn 1.0', 'leaf 0.0 1', 'leaf 0.1 2', 'leaf 1.0 3', 'tree'],
    ]);
  });

  it('are waited for: a slow reader slows the rollout down', async () => {
    let reading = 0;
    await rolloutTree(
      parts({
        roots: 1,
        onEvent: async () => {
          expect(++reading).toBe(1);
          await idle();
          reading--;
        },
      }),
    );
  });

  const streamed = () => ({
    ...base,
    trees: [1, 2].map((i) => ({ task: task(`t${i}`), seed: [i] })),
  });

  it('can be read as a stream, which ends with the trees', async () => {
    const types: string[] = [];
    const stream = streamTrees(streamed());
    let trees: readonly Tree[] | undefined;
    for (;;) {
      const next = await stream.next();
      if (next.done === true) {
        trees = next.value;
        break;
      }
      types.push(next.value.type);
    }
    expect(trees).toEqual(await rolloutTrees(streamed()));
    expect(types.filter((type) => type === 'tree')).toHaveLength(2);
    expect(types.filter((type) => type === 'turn')).toHaveLength(8);
  });

  it('stop the rollout when the reader leaves, and fail with it', async () => {
    let calls = 0;
    const policy = {
      id: 'counted',
      generate: (request: GenerationRequest) => {
        calls++;
        return thinking.generate(request);
      },
    };
    for await (const event of streamTrees({ ...streamed(), policy, maxTurns: 100 }))
      if (event.type === 'turn') break;
    const then = calls;
    await idle();
    expect(calls).toBe(then);
    expect(then).toBeLessThan(20);

    const broken = {
      ...protocol,
      prompt: () => {
        throw new Error('a bug');
      },
    };
    const read = async (): Promise<void> => {
      for await (const event of streamTrees({ ...streamed(), protocol: broken })) void event;
    };
    await expect(read()).rejects.toThrow('a bug');
  });
});
