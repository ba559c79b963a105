import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

import { SparkError, randomSource, taskId, type Task, type Transition } from '../src/index.js';
import {
  replayedEnvironment,
  type Answer,
  type LiveWorld,
  type ReplayState,
  type StartAnswer,
} from '../src/replay/index.js';
import { corridor, type CorridorState } from '../src/testing/index.js';
import { ticks, worldsOf, type Call } from './replay-worlds.js';

interface Held {
  readonly replayed: Transition<ReplayState>;
  readonly pure: Transition<CorridorState>;
}

describe('nothing is left alive', () => {
  it('after 10,000 forks with worlds that fail, hang and are stopped', async () => {
    const capacity = 4;
    const pure = corridor({ length: 20, maxSteps: 12 });
    const tasks = pure.tasks({ split: 'train', count: 8, seed: 3 }) as readonly Task[];
    const luck = randomSource(['disposal']);
    const faults = { thrown: 0, hung: 0, launches: 0, aborted: 0, failed: 0 };
    const fault = (call: Call): Promise<void> => {
      const chance = luck.uniform();
      if (call === 'launch' && chance < 0.1) {
        faults.launches++;
        throw new Error('no launch');
      }
      if (call === 'reset' || call === 'step') {
        if (chance < 0.005) {
          faults.thrown++;
          throw new Error('broken');
        }
        if (chance < 0.007) {
          faults.hung++;
          return new Promise(() => undefined);
        }
      }
      return ticks(luck.integer(4));
    };
    const worlds = worldsOf(pure, fault);
    const environment = replayedEnvironment({
      id: 'corridor',
      tasks: pure.tasks,
      launch: worlds.launch,
      capacity,
    });

    /** Every call may be stopped early, and is stopped at last: some worlds hang. */
    const guarded = async <Result>(
      call: (signal: AbortSignal) => Promise<Result>,
    ): Promise<Result | undefined> => {
      const controller = new AbortController();
      const patience = luck.uniform() < 0.05 ? luck.integer(30) : 600;
      let done = false;
      const watch = (async () => {
        for (let i = 0; i < patience && !done; i++) await Promise.resolve();
        if (!done) controller.abort();
      })();
      try {
        return await call(controller.signal);
      } catch (error) {
        if (!(error instanceof SparkError)) throw error;
        if (error.code === 'aborted') faults.aborted++;
        else faults.failed++;
        return undefined;
      } finally {
        done = true;
        await watch;
      }
    };

    let forks = 0;
    const held: Held[] = [];
    const path = async (): Promise<void> => {
      while (forks < 10_000) {
        const from = luck.uniform() < 0.98 && held.length > 0 ? luck.pick(held) : undefined;
        if (from === undefined) {
          const task = luck.pick(tasks);
          const replayed = await guarded((signal) => environment.reset(task, { signal }));
          if (replayed !== undefined) held.push({ replayed, pure: await pure.reset(task) });
          continue;
        }
        const action = luck.pick(['left', 'right', 'wait']);
        const replayed = await guarded((signal) =>
          environment.step(from.replayed.state, action, { signal }),
        );
        if (replayed === undefined) continue;
        forks++;
        const next = await pure.step(from.pure.state, action);
        expect(replayed.observation).toBe(next.observation);
        if (next.status === 'running') held.push({ replayed, pure: next });
        if (held.length > 40)
          environment.release(held.splice(luck.integer(held.length), 1)[0]!.replayed.state);
      }
    };
    await Promise.all(Array.from({ length: 12 }, path));

    expect(forks).toBeGreaterThanOrEqual(10_000);
    // Every kind of trouble was there.
    for (const count of Object.values(faults)) expect(count).toBeGreaterThan(10);
    expect(worlds.misuse).toEqual([]);
    expect(worlds.peak).toBe(capacity);
    expect(environment.stats().live).toBeLessThanOrEqual(capacity);
    await environment.close();
    expect(worlds.live).toBe(0);
    expect(worlds.closed).toBe(worlds.launched);
    expect(environment.stats()).toMatchObject({ live: 0, launched: worlds.launched });
  });
});

/** A world in a process of its own: counts, answers a line for a line, and dies when told to. */
const SCRIPT = `
  let count = 0;
  require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
    const { reset, action } = JSON.parse(line);
    if (action === 'crash') process.exit(3);
    if (action === 'hang') return;
    count = reset === undefined ? count + Number(action) : reset;
    console.log(JSON.stringify({ observation: 'count ' + count, score: count, status: 'running', instruction: 'count' }));
  });
`;

describe('real processes', () => {
  it('forks, crashes and time-outs leave no process behind', async () => {
    const processes: ChildProcess[] = [];
    const alive = (): number =>
      processes.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null)
        .length;
    let peak = 0;
    const launch = (): LiveWorld => {
      const child = spawn(process.execPath, ['-e', SCRIPT], {
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      processes.push(child);
      peak = Math.max(peak, alive());
      const exited = once(child, 'exit');
      const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
      child.stdin.on('error', () => undefined);
      const answer = async (request: object): Promise<StartAnswer> => {
        child.stdin.write(`${JSON.stringify(request)}\n`);
        const line = await lines.next();
        if (line.done === true) throw new Error('the process is gone');
        return JSON.parse(line.value) as StartAnswer;
      };
      return {
        reset: (task) => answer({ reset: task.data }),
        step: (action): Promise<Answer> => answer({ action }),
        close: async () => {
          child.kill('SIGKILL');
          await exited;
        },
      };
    };
    const task = { id: taskId('ten'), environment: 'counter', split: 'train', data: 10 };
    const environment = replayedEnvironment({
      id: 'counter',
      tasks: () => [task],
      launch,
      capacity: 2,
      admissible: false,
    });
    const { state } = await environment.reset(task);
    const one = await environment.step(state, '1');
    const forks = await Promise.all(
      [1, 2, 3, 4, 5, 6].map((n) => environment.step(one.state, String(n))),
    );
    expect(forks.map(({ observation }) => observation)).toEqual(
      [12, 13, 14, 15, 16, 17].map((n) => `count ${n}`),
    );
    await expect(environment.step(forks[0]!.state, 'crash')).rejects.toThrow(
      'task ten, turn 2, action "crash": the world failed: the process is gone',
    );
    await expect(
      environment.step(forks[0]!.state, 'hang', { signal: AbortSignal.timeout(50) }),
    ).rejects.toMatchObject({ code: 'aborted', cause: { name: 'TimeoutError' } });
    expect((await environment.step(forks[3]!.state, '5')).observation).toBe('count 20');
    expect(peak).toBeLessThanOrEqual(2);
    const running = environment.step(forks[4]!.state, 'hang').catch((error: unknown) => error);
    await environment.close();
    expect(await running).toMatchObject({ code: 'aborted' });
    expect(alive()).toBe(0);
    expect(processes.length).toBe(environment.stats().launched);
    for (const { pid } of processes) expect(() => process.kill(pid!, 0)).toThrow('ESRCH');
  });
});
