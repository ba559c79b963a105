import fc from 'fast-check';

import {
  EnvironmentError,
  InvalidInputError,
  taskId,
  type Environment,
  type JsonValue,
  type Task,
  type Transition,
} from '../src/index.js';
import {
  ReplayMismatchError,
  recordEnvironment,
  recordedEnvironment,
  recordingFromJson,
  recordingToJson,
  replayedEnvironment,
} from '../src/replay/index.js';
import { corridor, environmentChecks, type CorridorState } from '../src/testing/index.js';
import { worldsOf } from './replay-worlds.js';

const query = { split: 'train', count: 3, seed: 1 };
const world = corridor({ length: 5, maxSteps: 6 });
const tasks = world.tasks(query) as readonly Task[];
const first = tasks[0]!;
const json = (value: unknown): string => JSON.stringify(value);
/** As a file would give it. */
const reread = (value: JsonValue): unknown => JSON.parse(json(value)) as unknown;

/** All that may be done in a world of few steps. */
async function exhaust<State>(environment: Environment<State>): Promise<unknown[]> {
  const seen: unknown[] = [];
  for await (const task of environment.tasks(query)) {
    const { state, instruction, ...start } = await environment.reset(task);
    seen.push([task, instruction, start]);
    const visit = async (at: State, depth: number): Promise<void> => {
      const admissible = await environment.admissible!(at);
      seen.push(admissible);
      if (depth === 0) return;
      for (const action of [...admissible, '']) {
        const { state: next, ...answer } = await environment.step(at, action);
        seen.push([action, answer]);
        await visit(next, answer.status === 'running' ? depth - 1 : 0);
      }
    };
    await visit(state, 3);
  }
  return seen;
}

describe('recording', () => {
  it('answers as the environment does, and plays back the same without it', async () => {
    const { environment, recording } = recordEnvironment(world);
    const original = await exhaust(world);
    expect(await exhaust(environment)).toEqual(original);
    const file = reread(recordingToJson(recording));
    expect(await exhaust(recordedEnvironment(file))).toEqual(original);
  });

  it('keeps the contract of an environment, and so does what is played back', async () => {
    const recorded = recordEnvironment(world);
    for (const { run } of environmentChecks({
      make: () => recordEnvironment(world, { into: recorded.recording }).environment,
      query,
    }))
      await run();
    const file = reread(recordingToJson(recorded.recording));
    for (const { run } of environmentChecks({ make: () => recordedEnvironment(file), query }))
      await run();
    expect.assertions(0);
  });

  it('of a live world plays back without one', async () => {
    const worlds = worldsOf(world);
    const live = replayedEnvironment({
      id: 'corridor',
      tasks: world.tasks,
      launch: worlds.launch,
      capacity: 2,
    });
    const { environment, recording } = recordEnvironment(live);
    expect(environment.maxLiveStates).toBe(2);
    const seen = await exhaust(environment);
    environment.release!((await environment.reset(first)).state);
    await environment.close!();
    expect(worlds.live).toBe(0);
    expect(await exhaust(recordedEnvironment(recordingToJson(recording)))).toEqual(seen);
  });

  it('passes on a signal, release and close, and has no more members than the environment', async () => {
    const seen: unknown[] = [];
    const { signal } = new AbortController();
    const spied: Environment<CorridorState> = {
      id: 'corridor',
      tasks: world.tasks,
      reset: (task, options) => (seen.push(options?.signal), world.reset(task)),
      step: (state, action, options) => (seen.push(options?.signal), world.step(state, action)),
      release: (state) => void seen.push(state),
      close: () => void seen.push('closed'),
    };
    const { environment } = recordEnvironment(spied);
    const { state } = await environment.reset(first, { signal });
    await environment.step(state, 'wait', { signal });
    environment.release!(state);
    await environment.close!();
    expect(seen).toEqual([signal, signal, state.inner, 'closed']);
    expect(environment.admissible).toBeUndefined();
    expect(environment.maxLiveStates).toBeUndefined();
  });

  it('equal recordings are equal bytes, in whatever order they were made', async () => {
    type Step = readonly [number, readonly string[]];
    const paths = fc.uniqueArray(
      fc.tuple(fc.nat(2), fc.array(fc.constantFrom('left', 'right', 'wait', 'b', '10', '9'))),
      { minLength: 2, maxLength: 8, selector: json },
    );
    const record = async (walks: readonly Step[]): Promise<string> => {
      const { environment, recording } = recordEnvironment(world);
      for (const [task, actions] of walks) {
        let at: Transition<unknown> = await environment.reset(tasks[task]!);
        for (const action of actions) {
          if (at.status !== 'running') break;
          at = await environment.step(at.state as never, action);
        }
      }
      return json(recordingToJson(recording));
    };
    await fc.assert(
      fc.asyncProperty(
        paths.chain((walks) =>
          fc.tuple(fc.constant(walks), fc.shuffledSubarray(walks, { minLength: walks.length })),
        ),
        async ([walks, shuffled]) => {
          const text = await record(walks);
          expect(await record(shuffled)).toBe(text);
          expect(json(recordingToJson(recordingFromJson(JSON.parse(text))))).toBe(text);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('writes this, by hand', async () => {
    const { environment, recording } = recordEnvironment(world);
    const task: Task = {
      id: taskId('t'),
      environment: 'corridor',
      split: 'train',
      data: { start: 1, goal: 0 },
    };
    const { state } = await environment.reset(task);
    await environment.step(state, 'wait');
    await environment.step(state, 'left');
    await environment.admissible!(state);
    expect(recordingToJson(recording)).toEqual({
      format: 'spark-rl recording',
      version: 1,
      environment: 'corridor',
      tellsAdmissible: true,
      queries: [],
      tasks: [task],
      episodes: [
        {
          task: 't',
          instruction: 'Go to 0.',
          start: {
            observation: 'You stand at 1.',
            score: 0,
            status: 'running',
            admissible: ['left', 'right', 'wait'],
          },
          steps: [
            {
              from: 0,
              action: 'left',
              observation: 'You stand at 0.',
              score: 1,
              status: 'success',
            },
            {
              from: 0,
              action: 'wait',
              observation: 'You stand at 1.',
              score: 0,
              status: 'running',
            },
          ],
        },
      ],
    });
    expect(json(recordingToJson(recording))).toMatch(/^\{"environment":"corridor","episodes":\[/);
  });

  it('goes on in a recording that was read', async () => {
    const { environment, recording } = recordEnvironment(world);
    const { state } = await environment.reset(first);
    await environment.step(state, 'wait');
    const into = recordingFromJson(reread(recordingToJson(recording)));
    const more = recordEnvironment(world, { into });
    expect(more.recording).toBe(into);
    const again = await more.environment.reset(first);
    await more.environment.step(again.state, 'left');
    const back = recordedEnvironment(recordingToJson(into));
    const start = await back.reset(first);
    for (const action of ['wait', 'left'])
      expect(await back.step(start.state, action)).toMatchObject({ status: expect.any(String) });
    expect(() => recordEnvironment({ ...world, id: 'shop' }, { into })).toThrow(InvalidInputError);
  });

  it('refuses an environment that answers differently the second time, and releases the new state', async () => {
    let luck = 0;
    const released: CorridorState[] = [];
    const dice: Environment<CorridorState> = {
      ...world,
      step: async (state, action) => ({ ...(await world.step(state, action)), score: luck++ }),
      release: (state) => void released.push(state),
    };
    const { environment } = recordEnvironment(dice);
    const { state } = await environment.reset(first);
    await environment.step(state, 'wait');
    const error: unknown = await Promise.resolve(environment.step(state, 'wait')).catch(
      (e: unknown) => e,
    );
    expect(error).toBeInstanceOf(ReplayMismatchError);
    expect(error).toMatchObject({
      task: first.id,
      turn: 0,
      action: 'wait',
      expected: { score: 0 },
      actual: { score: 1 },
    });
    expect(released).toHaveLength(1);
  });

  it('refuses a start, an instruction or admissible actions that changed, and two tasks of one id', async () => {
    let change = '';
    const { environment } = recordEnvironment<CorridorState>({
      ...world,
      reset: async (task) => {
        const start = await world.reset(task);
        return {
          ...start,
          ...(change === 'start' && { observation: 'elsewhere' }),
          ...(change === 'instruction' && { instruction: 'Do something else.' }),
        };
      },
      admissible: () => (change === 'admissible' ? [] : ['left']),
    });
    const { state } = await environment.reset(first);
    await environment.admissible!(state);
    change = 'start';
    await expect(environment.reset(first)).rejects.toMatchObject({ turn: 0, action: null });
    change = 'instruction';
    await expect(environment.reset(first)).rejects.toMatchObject({ field: 'instruction' });
    change = 'admissible';
    await expect(environment.admissible!(state)).rejects.toMatchObject({ field: 'admissible' });
    change = '';
    const twin = { ...first, data: { start: 2, goal: 5 } };
    await expect(environment.reset(twin)).rejects.toThrow(`two different tasks are called`);
  });

  it('of tasks that nobody listened to until the end plays back as far as that', async () => {
    async function* endless(): AsyncGenerator<Task> {
      for (let i = 0; ; i++) {
        await Promise.resolve();
        yield { ...first, id: taskId(`task ${i}`) };
      }
    }
    const { environment, recording } = recordEnvironment({ ...world, tasks: endless });
    const listen = async (
      from: Pick<Environment<unknown>, 'tasks'>,
      count: number,
    ): Promise<string[]> => {
      const heard: string[] = [];
      for await (const task of from.tasks({ split: 'train' })) {
        heard.push(task.id);
        if (heard.length === count) break;
      }
      return heard;
    };
    await listen(environment, 3);
    await listen(environment, 2);
    const back = recordedEnvironment(reread(recordingToJson(recording)));
    expect(await listen(back, 3)).toEqual(['task 0', 'task 1', 'task 2']);
    await expect(listen(back, 4)).rejects.toThrow('what follows in query {"split":"train"}');
  });
});

describe('what was not recorded is an error that names it', () => {
  const setup = async () => {
    const { environment, recording } = recordEnvironment(world);
    environment.tasks(query);
    const { state } = await environment.reset(first);
    await environment.step(state, 'wait');
    const back = recordedEnvironment(reread(recordingToJson(recording)));
    return { back, start: await back.reset(first) };
  };
  const thrown = (call: () => unknown): EnvironmentError => {
    try {
      call();
    } catch (error) {
      expect(error).toBeInstanceOf(EnvironmentError);
      return error as EnvironmentError;
    }
    throw new Error('nothing was thrown');
  };

  it('an action, with the task, the turn, what was recorded, and the remedy', async () => {
    const { back, start } = await setup();
    const { state } = await back.step(start.state, 'wait');
    expect(thrown(() => back.step(start.state, 'dance'))).toMatchObject({
      field: 'action',
      value: 'dance',
      message: `task ${first.id}, turn 0, action "dance" was not recorded (recorded: "wait"). Record it with recordEnvironment, going on in this recording with \`into\`.`,
    });
    expect(thrown(() => back.step(state, 'wait')).message).toContain(
      'turn 1, action "wait" was not recorded (recorded: nothing)',
    );
  });

  it('a query, a task, other data of a task, and admissible actions', async () => {
    const { back, start } = await setup();
    expect(thrown(() => back.tasks({ split: 'test' })).message).toContain('query {"split":"test"}');
    expect(thrown(() => back.reset(tasks[1]!)).field).toBe('task.id');
    expect(thrown(() => back.reset({ ...first, data: { start: 2, goal: 0 } })).message).toContain(
      'with these data',
    );
    expect(thrown(() => back.admissible!(start.state)).message).toContain('what is admissible');
  });

  it('an ended episode refuses to step', async () => {
    const { environment, recording } = recordEnvironment(world);
    const near: Task = { ...first, data: { start: 1, goal: 0 } };
    const { state } = await environment.reset(near);
    await environment.step(state, 'left');
    const back = recordedEnvironment(recordingToJson(recording));
    const end = await back.step((await back.reset(near)).state, 'left');
    expect(thrown(() => back.step(end.state, 'left')).message).toContain('ended (success)');
  });
});

describe('a file that is no recording', () => {
  interface Steps {
    from: number;
    action: string;
    status: string;
  }
  interface File {
    version: number;
    tasks: object[];
    queries: { tasks: string[] }[];
    episodes: { task: string; start: { status: string }; steps: Steps[] }[];
  }
  const damage = async (change: (file: File) => void): Promise<unknown> => {
    const { environment, recording } = recordEnvironment(world);
    environment.tasks(query);
    const { state } = await environment.reset(first);
    await environment.step(state, 'wait');
    const file = reread(recordingToJson(recording)) as File;
    change(file);
    return file;
  };

  it.each<[string, (file: File) => void]>([
    ['version', (file) => (file.version = 2)],
    ['tasks.3.id', (file) => file.tasks.push(file.tasks[0]!)],
    ['queries.0.tasks', (file) => file.queries[0]!.tasks.push('nobody')],
    ['episodes.0.task', (file) => (file.episodes[0]!.task = 'nobody')],
    ['episodes.0.steps.0', (file) => (file.episodes[0]!.steps[0]!.from = 1)],
    ['episodes.0.steps.0', (file) => (file.episodes[0]!.start.status = 'failure')],
    ['episodes.0.steps.1', (file) => file.episodes[0]!.steps.push(file.episodes[0]!.steps[0]!)],
    ['episodes.0.steps.0.status', (file) => (file.episodes[0]!.steps[0]!.status = 'won')],
  ])('names %s', async (field, change) => {
    const file = await damage(change);
    expect(() => recordingFromJson(file)).toThrow(InvalidInputError);
    expect(() => recordedEnvironment(file)).toThrow(field);
  });

  it('and is refused whatever it is', () => {
    for (const file of [undefined, null, 3, [], {}, recordEnvironment(world).recording])
      expect(() => recordedEnvironment(file)).toThrow('the recording: ');
  });
});
