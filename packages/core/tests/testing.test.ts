import {
  EnvironmentError,
  taskId,
  type Environment,
  type GenerationRequest,
  type Task,
} from '../src/index.js';
import {
  corridor,
  environmentChecks,
  plainProtocol,
  promptText,
  scriptedPolicy,
  type CorridorState,
} from '../src/testing/index.js';

const query = { split: 'train', count: 3, seed: 1 };

describe('environmentChecks passes', () => {
  describe('an environment that keeps the contract', () => {
    for (const check of environmentChecks({ make: () => corridor({ maxSteps: 12 }), query }))
      it(check.name, check.run);
  });

  describe('one that is asynchronous and does not tell admissible actions', () => {
    const make = (): Environment<CorridorState> => {
      const { id, tasks, reset, step } = corridor({ length: 9 });
      return {
        id,
        tasks: async function* (wanted) {
          for await (const task of tasks(wanted)) yield task;
        },
        reset: async (task) => reset(task),
        step: async (state, action) => step(state, action),
      };
    };
    const actions = (): string[] => ['left', 'right'];
    const solve = ({ data }: Task): string[] =>
      new Array<string>(9).fill((data as { goal: number }).goal === 0 ? 'left' : 'right');
    for (const check of environmentChecks({ make, query, actions, solve, maxSteps: 2 }))
      it(check.name, check.run);
  });

  it('and closes every instance it made', async () => {
    let open = 0;
    const make = (): Environment<CorridorState> => {
      open++;
      return { ...corridor(), close: () => void open-- };
    };
    for (const { run } of environmentChecks({ make, query })) await run();
    expect(open).toBe(0);
  });
});

/** Environments that break one rule, the check that must notice, and what it says. */
type Breakage = (whole: Environment<CorridorState>) => Partial<Environment<CorridorState>>;

const task = (id: string): Task => ({
  id: taskId(id),
  environment: 'corridor',
  split: 'train',
  data: { start: 2, goal: 5 },
});

let calls = 0;

const TASKS = /^lists the same tasks/;
const JSON_TASKS = /^tasks are plain JSON/;
const DETERMINISTIC = /^the same actions/;
const PURE = /^stepping changes nothing/;
const ADMISSIBLE = /^accepts every admissible/;
const UNKNOWN = /^answers the empty action/;
const ENDED = /^a state whose episode ended/;

const breakages: [string, RegExp, RegExp, Breakage][] = [
  ['lists no tasks', TASKS, /no tasks for/, () => ({ tasks: () => [] })],
  [
    'lists other tasks each time',
    TASKS,
    /tasks of the second call is not the same/,
    () => ({ tasks: () => [task(`t${calls++}`)] }),
  ],
  ['gives two tasks one id', TASKS, /one id/, () => ({ tasks: () => [task('t'), task('t')] })],
  [
    'lists more than asked',
    TASKS,
    /4 tasks were listed, but only 3/,
    () => ({ tasks: () => ['a', 'b', 'c', 'd'].map(task) }),
  ],
  [
    'puts something into a task that JSON loses',
    JSON_TASKS,
    /holds something that JSON does not/,
    () => ({ tasks: () => [{ ...task('t'), data: new Map() as never }] }),
  ],
  [
    'starts another episode from a task that went through text',
    JSON_TASKS,
    /start of task t after JSON is not the same/,
    ({ reset }) => {
      const known = task('t');
      return {
        tasks: () => [known],
        reset: async (wanted) => ({
          ...(await reset(wanted)),
          observation: wanted === known ? 'as before' : 'a stranger',
        }),
      };
    },
  ],
  [
    'names another environment in its tasks',
    JSON_TASKS,
    /names another environment/,
    () => ({ tasks: () => [{ ...task('t'), environment: 'kitchen' }] }),
  ],
  [
    'is random',
    DETERMINISTIC,
    /turn 0 of task .* on replay is not the same/,
    ({ step }) => ({
      step: async (state, action) => ({ ...(await step(state, action)), score: calls++ }),
    }),
  ],
  [
    'differs between instances',
    DETERMINISTIC,
    /start of task .* in another instance is not the same/,
    ({ reset }) => {
      const instance = calls++;
      return {
        reset: async (wanted) => ({ ...(await reset(wanted)), observation: `copy ${instance}` }),
      };
    },
  ],
  [
    'changes the state that it steps',
    PURE,
    /stepped again after its successors is not the same|was stepped|ended at/,
    ({ step }) => ({
      step: async (state, action) => {
        const next = await step(state, action);
        Object.assign(state, next.state);
        return { ...next, state };
      },
    }),
  ],
  [
    'keeps one current state and ignores the one it is given',
    PURE,
    /ended at|not the same/,
    ({ step, reset }) => {
      let current: CorridorState;
      return {
        reset: async (wanted) => {
          const start = await reset(wanted);
          current = start.state;
          return start;
        },
        step: async (_, action) => {
          const next = await step(current, action);
          current = next.state;
          return next;
        },
      };
    },
  ],
  [
    'gives other admissible actions when asked again',
    PURE,
    /admissible actions at .* is not the same/,
    () => ({ admissible: () => (calls++ % 2 === 0 ? ['left', 'right'] : ['right', 'left']) }),
  ],
  [
    'throws at an action that it called admissible',
    ADMISSIBLE,
    /"wait" was not accepted: Error: no waiting/,
    ({ step }) => ({
      admissible: () => ['left', 'wait'],
      step: (state, action) => {
        if (action === 'wait' && state.steps === 0) throw new Error('no waiting');
        return step(state, action);
      },
    }),
  ],
  [
    'lists an admissible action twice',
    ADMISSIBLE,
    /listed twice/,
    () => ({ admissible: () => ['left', 'left'] }),
  ],
  ['calls nothing admissible', ADMISSIBLE, /no action to try/, () => ({ admissible: () => [] })],
  [
    'throws at the empty action',
    UNKNOWN,
    /action "" was not answered/,
    ({ step }) => ({
      step: (state, action) => {
        if (action === '') throw new Error('say something');
        return step(state, action);
      },
    }),
  ],
  [
    'steps on after the end',
    ENDED,
    /has ended .* but its state was stepped/,
    ({ step }) => ({
      step: (state, action) =>
        step(state, action === 'left' ? action : 'right') && { ...over, state },
    }),
  ],
  [
    'never ends',
    ENDED,
    /did not end in 30 turns. Give `solve`/,
    () => ({ step: (state) => ({ ...over, state, status: 'running' as const }) }),
  ],
  [
    'scores with a number that is none',
    DETERMINISTIC,
    /score is NaN/,
    ({ step }) => ({
      step: async (state, action) => ({ ...(await step(state, action)), score: NaN }),
    }),
  ],
  [
    'has a status of its own',
    DETERMINISTIC,
    /status is "won"/,
    ({ step }) => ({
      step: async (state, action) => ({ ...(await step(state, action)), status: 'won' as never }),
    }),
  ],
  [
    'observes nothing',
    DETERMINISTIC,
    /observation is undefined/,
    ({ step }) => ({
      step: async (state, action) => ({
        ...(await step(state, action)),
        observation: undefined as never,
      }),
    }),
  ],
  [
    'starts without an instruction',
    DETERMINISTIC,
    /without an instruction/,
    ({ reset }) => ({
      reset: async (wanted) => ({ ...(await reset(wanted)), instruction: undefined as never }),
    }),
  ],
];

const over = { observation: 'over', score: 0, status: 'success' } as const;

describe('environmentChecks notices an environment that', () => {
  it.each(breakages)('%s', async (_, name, message, breakage) => {
    calls = 0;
    const make = (): Environment<CorridorState> => {
      const whole = corridor();
      return { ...whole, ...breakage(whole) };
    };
    const check = environmentChecks({ make, query }).find((item) => name.test(item.name));
    await expect(check!.run()).rejects.toThrow(message);
  });

  it('covers every check', () => {
    for (const { name } of environmentChecks({ make: () => corridor(), query }))
      expect(breakages.some(([, pattern]) => pattern.test(name))).toBe(true);
  });
});

describe('corridor', () => {
  it('ends at the goal, at the trap, and at the step limit', async () => {
    const world = corridor({ length: 3, maxSteps: 2 });
    const start = await world.reset({ ...task('t'), data: { start: 2, goal: 3 } });
    const right = await world.step(start.state, 'right');
    expect([right.status, right.score]).toEqual(['success', 1]);
    const left = await world.step(start.state, 'left');
    expect(left.status).toBe('running');
    expect((await world.step(left.state, 'left')).status).toBe('failure');
    expect(await world.step(left.state, 'dance')).toMatchObject({
      observation: 'Nothing happens. You stand at 1.',
      status: 'truncated',
    });
    expect(() => world.step(right.state, 'left')).toThrow(EnvironmentError);
  });
});

describe('scriptedPolicy', () => {
  const request: GenerationRequest = {
    prompt: { kind: 'messages', messages: [{ role: 'user', content: 'hé' }] },
    sampling: { temperature: 1, maxTokens: 4 },
    key: ['k', 1],
    affinity: 'tree',
  };

  it('says what the script says, with one token per code point and an end of sequence', async () => {
    const policy = scriptedPolicy(({ prompt }) => `${prompt}!`);
    const generation = await policy.generate({ ...request, want: { entropies: true } });
    expect(generation).toMatchObject({ text: 'hé!', finish: 'stop', policyVersion: 'scripted-1' });
    expect([...generation.promptTokens]).toEqual([104, 233]);
    expect([...generation.responseTokens]).toEqual([104, 233, 33, 0]);
    expect(generation.logProbs).toHaveLength(4);
    expect(generation.logProbs.every((value) => value <= 0 && value > -1)).toBe(true);
    expect(generation.entropies).toHaveLength(4);
  });

  it('stops at the token limit', async () => {
    const generation = await scriptedPolicy(() => 'abcdef').generate(request);
    expect(generation).toMatchObject({ text: 'abc', finish: 'length' });
    expect(generation.responseTokens).toHaveLength(4);
  });

  it('depends on the key alone', async () => {
    const policy = scriptedPolicy(({ random }) => String(random.integer(10)));
    const first = await policy.generate(request);
    await policy.generate({ ...request, key: ['other'] });
    expect(await policy.generate(request)).toEqual(first);
    const others = await Promise.all(
      Array.from({ length: 20 }, (_, i) => policy.generate({ ...request, key: ['k', i] })),
    );
    expect(new Set(others.map(({ text }) => text)).size).toBeGreaterThan(3);
  });

  it('reads transcripts as well', () => {
    const segments = [{ text: 'a' }, { tokens: Int32Array.of(98, 0) }, { text: 'c' }];
    expect(promptText({ kind: 'transcript', segments })).toBe('abc');
  });
});

describe('plainProtocol', () => {
  const protocol = plainProtocol();

  it('reads back what it renders', () => {
    const turn = { mode: 'explore', reasoning: 'odd', action: 'left' };
    expect(protocol.parse(protocol.render(turn))).toEqual({ ...turn, valid: true });
  });

  it('calls a response without an action invalid, and says why', () => {
    expect(protocol.parse('<think>hm</think>')).toEqual({
      valid: false,
      reason: 'there is no <action> block',
      mode: 'think',
      reasoning: 'hm',
      action: '',
    });
  });
});
