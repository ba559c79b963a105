import fc from 'fast-check';

import type { Task, Transition } from '../src/index.js';
import { replayedEnvironment, type ReplayState } from '../src/replay/index.js';
import { corridor, type CorridorState } from '../src/testing/index.js';
import { ticks, worldsOf } from './replay-worlds.js';

const pure = corridor({ length: 12, maxSteps: 7 });
const tasks = pure.tasks({ split: 'train', count: 3, seed: 5 }) as readonly Task[];

/** One call: what it grows from, and after how many turns of the microtask queue it comes. */
const calls = fc.array(
  fc.record({
    from: fc.nat(),
    action: fc.constantFrom('left', 'right', 'wait', '', 'sing'),
    after: fc.nat(12),
    release: fc.boolean(),
    ask: fc.boolean(),
  }),
  { minLength: 1, maxLength: 25 },
);

const shown = ({ observation, score, status }: Transition<unknown>): string =>
  JSON.stringify([observation, score, status]);

interface Grown {
  readonly replayed: Transition<ReplayState>;
  readonly pure: Transition<CorridorState>;
}

describe('a replayed world', () => {
  it('gives the same transitions as the pure one, under any interleaving of a random tree', async () => {
    await fc.assert(
      fc.asyncProperty(
        calls,
        fc.integer({ min: 1, max: 4 }),
        fc.infiniteStream(fc.nat(6)),
        async (steps, capacity, delays) => {
          const worlds = worldsOf(pure, () => ticks(delays.next().value as number));
          const environment = replayedEnvironment({
            id: 'corridor',
            tasks: pure.tasks,
            launch: worlds.launch,
            capacity,
          });
          const grown: Promise<Grown>[] = tasks.map(async (task) => ({
            replayed: await environment.reset(task),
            pure: await pure.reset(task),
          }));
          for (const { from, action, after, release, ask } of steps) {
            const parent = grown[from % grown.length]!;
            const grow = async (): Promise<Grown> => {
              const at = await parent;
              if (at.pure.status !== 'running') return at;
              await ticks(after);
              if (ask)
                expect(await environment.admissible!(at.replayed.state)).toEqual(
                  await pure.admissible!(at.pure.state),
                );
              const next = {
                replayed: await environment.step(at.replayed.state, action),
                pure: await pure.step(at.pure.state, action),
              };
              expect(shown(next.replayed)).toBe(shown(next.pure));
              // Released early, while other calls may still want it: that costs replays, never correctness.
              if (release) environment.release(at.replayed.state);
              return next;
            };
            grown.push(grow());
          }
          await Promise.all(grown);
          expect(worlds.peak).toBeLessThanOrEqual(capacity);
          expect(environment.stats().live).toBe(worlds.live);
          await environment.close();
          expect(worlds).toMatchObject({ live: 0, misuse: [], launched: worlds.closed });
        },
      ),
      { numRuns: 300 },
    );
  });

  it('replays nothing while no more states are held than there are worlds', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 4 }), fc.nat(5), async (capacity, delay) => {
        const worlds = worldsOf(pure, () => ticks(delay));
        const environment = replayedEnvironment({
          id: 'corridor',
          tasks: pure.tasks,
          launch: worlds.launch,
          capacity,
        });
        await Promise.all(
          Array.from({ length: capacity }, async (_, index) => {
            let at: Transition<ReplayState> = await environment.reset(tasks[index % 3]!);
            while (at.status === 'running') {
              const next = await environment.step(at.state, 'wait');
              environment.release(at.state);
              at = next;
            }
          }),
        );
        expect(environment.stats()).toMatchObject({ replayedActions: 0, resets: capacity });
        await environment.close();
      }),
      { numRuns: 30 },
    );
  });
});
