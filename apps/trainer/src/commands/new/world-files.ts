import type { Names } from './names.js';

/** The first world of a new environment: small, whole, and made to be replaced. Its files by name. */
export const worldFiles = (names: Names): Readonly<Record<string, string>> => ({
  'environment.ts': environmentFile(names),
  'brief.ts': briefFile(names),
  'expert.ts': expertFile(names),
});

const environmentFile = ({ kebab, camel, pascal }: Names): string => `import {
  EnvironmentError,
  parseInput,
  randomSource,
  taskId,
  type Environment,
  type Start,
  type Status,
  type Task,
  type TaskQuery,
  type Transition,
} from '@spark-rl/core';
import { z } from 'zod';

/** Where an episode stands. A state is a value: \`step\` returns a new one and changes nothing, so any of them can be forked. */
export interface ${pascal}State {
  /** How many boxes there are. */
  readonly boxes: number;
  /** The one that holds the prize, from 1. */
  readonly prize: number;
  /** Those that were opened, in order. */
  readonly opened: readonly number[];
  /** Actions taken so far. */
  readonly steps: number;
}

const optionsSchema = z.strictObject({
  boxes: z.int().min(2).max(100).default(6),
  maxSteps: z.int().min(1).default(10),
});

/** The settings of {@link ${camel}Environment}. */
export type ${pascal}Options = z.input<typeof optionsSchema>;

const dataSchema = z
  .strictObject({ boxes: z.int().min(2), prize: z.int().min(1) })
  .refine(({ boxes, prize }) => prize <= boxes, { path: ['prize'], error: 'there is no such box' });

const DEFAULT_TASKS = 10;

/**
 * A row of boxes, one of which holds a prize. Score 1 and status \`success\` when it is found, \`truncated\` after \`maxSteps\` actions; text that
 * is no action does nothing and costs one.
 *
 * @param options.boxes - how many boxes, from 2 to 100; 6 by default
 * @param options.maxSteps - actions until an episode is cut off; 10 by default
 * @throws InvalidInputError naming the wrong option
 */
export function ${camel}Environment(
  options: ${pascal}Options = {},
): Environment<${pascal}State> {
  const { boxes, maxSteps } = parseInput(optionsSchema, options, 'options of ${camel}Environment');

  const statusOf = ({ opened, prize, steps }: ${pascal}State): Status =>
    opened.includes(prize) ? 'success' : steps >= maxSteps ? 'truncated' : 'running';
  const closedIn = ({ boxes: all, opened }: ${pascal}State): number[] =>
    Array.from({ length: all }, (_, i) => i + 1).filter((box) => !opened.includes(box));
  const transition = (state: ${pascal}State, said: string): Transition<${pascal}State> => {
    const status = statusOf(state);
    const observation = \`\${said} Closed: \${closedIn(state).join(', ')}.\`;
    return { state, observation, score: status === 'success' ? 1 : 0, status };
  };

  return {
    id: '${kebab}',
    tasks: ({ split, count = DEFAULT_TASKS, seed = 0 }: TaskQuery): Task[] =>
      Array.from({ length: count }, (_, index) => ({
        id: taskId(\`\${split}-\${seed}-\${index}\`),
        environment: '${kebab}',
        split,
        data: { boxes, prize: 1 + randomSource(['${kebab}', split, seed, index]).integer(boxes) },
      })),
    reset: (task): Start<${pascal}State> => {
      const data = parseInput(dataSchema, task.data, \`data of task \${task.id}\`);
      return {
        ...transition({ ...data, opened: [], steps: 0 }, \`There are \${data.boxes} boxes in a row.\`),
        instruction: 'Find the prize.',
      };
    },
    step: (state, action) => {
      if (statusOf(state) !== 'running') {
        throw new EnvironmentError('the episode has ended', {
          remedy: 'Reset a task to begin another one.',
        });
      }
      const steps = state.steps + 1;
      const box = Number(/^open box ([1-9]\\d*)$/.exec(action)?.[1]);
      if (!closedIn(state).includes(box)) {
        return transition({ ...state, steps }, 'Nothing happens.');
      }
      const found = box === state.prize;
      return transition(
        { ...state, steps, opened: [...state.opened, box] },
        \`Box \${box} \${found ? 'holds the prize' : 'is empty'}.\`,
      );
    },
    admissible: (state) =>
      statusOf(state) === 'running' ? closedIn(state).map((box) => \`open box \${box}\`) : [],
  };
}
`;

const briefFile = ({ camel }: Names): string => `import type { AgentBrief } from '@spark-rl/core';

/** What an agent is told of the world before it acts in it. */
export const ${camel}Brief = (): AgentBrief => ({
  world: 'Closed boxes stand in a row. One of them holds a prize.',
  actions: [{ form: 'open box {number}', meaning: 'opens a box that is closed' }],
});
`;

const expertFile = ({
  kebab,
  camel,
}: Names): string => `import { observationText, type Expert } from '@spark-rl/core';

/**
 * Opens boxes from the left. It knows no more than what is observed, and says \`explore\` while more than one box can hold the prize: what it
 * does and says is what a warm-up teaches.
 */
export const ${camel}Expert = (): Expert => ({
  id: '${kebab}-expert',
  begin: () => ({
    act: (observation) => {
      const closed = /Closed: ([\\d, ]+)\\./.exec(observationText(observation))?.[1]?.split(', ') ?? [];
      const [box = '1', ...others] = closed;
      return others.length > 0
        ? { mode: 'explore', reasoning: 'It can be in any closed box.', action: \`open box \${box}\` }
        : { mode: 'think', reasoning: 'Only this one is left.', action: \`open box \${box}\` };
    },
  }),
});
`;

/** The tests of the world, for Jest. */
export const worldTests = ({ camel, pascal }: Names): Readonly<Record<string, string>> => ({
  'conformance.test.ts': `import { environmentChecks } from '@spark-rl/core/testing';

import { ${camel}Environment } from '../src/index.js';

describe('the environment contract', () => {
  for (const { name, run } of environmentChecks({
    make: () => ${camel}Environment(),
    query: { split: 'train', count: 3 },
  })) {
    it(name, run);
  }
});
`,
  'environment.test.ts': `import { InvalidInputError, type Task, type Transition } from '@spark-rl/core';
import fc from 'fast-check';

import { ${camel}Environment, ${camel}Expert, type ${pascal}State } from '../src/index.js';

const world = ${camel}Environment({ boxes: 3, maxSteps: 2 });
const [listed] = world.tasks({ split: 'train', count: 1 }) as readonly Task[];
const task: Task = { ...listed!, data: { boxes: 3, prize: 2 } };
const start = (of = task) => world.reset(of) as Transition<${pascal}State>;
const play = (...actions: string[]) =>
  actions.reduce(
    (at, action) => world.step(at.state, action) as Transition<${pascal}State>,
    start(),
  );

it('tells what is behind a box, and ends with the prize', () => {
  expect(start()).toMatchObject({
    observation: 'There are 3 boxes in a row. Closed: 1, 2, 3.',
    status: 'running',
  });
  expect(play('open box 3')).toMatchObject({
    observation: 'Box 3 is empty. Closed: 1, 2.',
    score: 0,
    status: 'running',
  });
  expect(play('open box 3', 'open box 2')).toMatchObject({
    observation: 'Box 2 holds the prize. Closed: 1.',
    score: 1,
    status: 'success',
  });
});

it('lets wrong words do nothing, and cuts off after maxSteps', () => {
  for (const action of ['open box 4', 'open box 0', 'open box', 'Open box 1', ''])
    expect(play(action).observation).toBe('Nothing happens. Closed: 1, 2, 3.');
  expect(play('open box 1', 'open box 1')).toMatchObject({ score: 0, status: 'truncated' });
  expect(() => play('open box 2', 'open box 1')).toThrow('the episode has ended');
});

it('refuses options and tasks that cannot be, and names them', () => {
  expect(() => ${camel}Environment({ boxes: 1 })).toThrow(InvalidInputError);
  expect(() => ${camel}Environment({ boxes: 1 })).toThrow(/boxes: .* \\(found 1\\)/);
  expect(() => start({ ...task, data: { boxes: 3, prize: 4 } })).toThrow(/prize: there is no such box/);
});

it('has an expert that finds every prize, with an empty box at most opened once', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 20 }), fc.nat(), (boxes, seed) => {
      const rooms = ${camel}Environment({ boxes, maxSteps: boxes });
      for (const each of rooms.tasks({ split: 'train', count: 2, seed }) as readonly Task[]) {
        const session = ${camel}Expert().begin({ instruction: '', key: [] });
        let at = rooms.reset(each) as Transition<${pascal}State>;
        while (at.status === 'running')
          at = rooms.step(at.state, session.act(at.observation).action) as typeof at;
        expect(at.status).toBe('success');
        expect(at.state.opened).toHaveLength(at.state.prize);
      }
    }),
    { numRuns: 30 },
  );
});
`,
});
