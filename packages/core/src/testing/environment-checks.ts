import type { Environment, Observation, Task, TaskQuery, Transition } from '../environment.js';
import { EnvironmentError } from '../errors.js';
import { isJsonValue } from '../json.js';
import { showValue } from '../validation.js';
import { listTasks, sameJson, walk, wellFormed, type Walk } from './environment-walk.js';

/** What {@link environmentChecks} needs to know. */
export interface EnvironmentChecksOptions<State> {
  /** Makes a fresh instance; called several times for each check. */
  readonly make: () => Environment<State> | Promise<Environment<State>>;
  /** The tasks to check with; keep `count` small (2 to 5). */
  readonly query: TaskQuery;
  /** Actions worth trying at an observation; needed only where the environment does not tell its admissible actions. */
  readonly actions?: (observation: Observation) => readonly string[];
  /** Actions that end the task; needed only where a random walk of `maxSteps` turns does not end by itself. */
  readonly solve?: (task: Task) => readonly string[];
  /** How many turns to walk; 30 when absent. */
  readonly maxSteps?: number;
}

/** A named check that throws when the environment breaks the contract. */
export interface EnvironmentCheck {
  readonly name: string;
  readonly run: () => Promise<void>;
}

/** What an agent may do wrong: nothing at all, and words the world does not know. */
const UNKNOWN_ACTIONS = ['', 'xyzzy the unknowable'];

function refuse(condition: boolean, message: string): asserts condition {
  if (!condition) throw new EnvironmentError(message);
}

/**
 * The contract of an {@link Environment} as checks that any test framework can run:
 *
 *     for (const check of environmentChecks({ make, query })) it(check.name, check.run);
 *
 * Checked: tasks are plain JSON and follow from the query; reset and step are deterministic, also across instances; step is
 * pure (the old state still gives the same answer after others were stepped); every transition is well-formed (finite score,
 * known status); every admissible action, the empty one and an unknown one are accepted, that is, give a transition and throw
 * nothing; a state that is not `running` refuses to step.
 */
export function environmentChecks<State>(
  options: EnvironmentChecksOptions<State>,
): readonly EnvironmentCheck[] {
  const { make, query, maxSteps = 30 } = options;

  const withFresh = async (
    use: (environment: Environment<State>) => Promise<void>,
  ): Promise<void> => {
    const environment = await make();
    try {
      await use(environment);
    } finally {
      await environment.close?.();
    }
  };
  /** Runs `use` for each task, with the walk that a seed chooses. */
  const eachWalk = (
    use: (environment: Environment<State>, task: Task, walked: Walk<State>) => Promise<void>,
  ): Promise<void> =>
    withFresh(async (environment) => {
      for (const task of await listTasks(environment, query))
        await use(environment, task, await walk(environment, task, options, maxSteps));
    });

  const checks: Record<string, () => Promise<void>> = {
    'lists the same tasks for the same query, with different ids, at most as many as asked': () =>
      withFresh(async (environment) => {
        const tasks = await listTasks(environment, query);
        refuse(tasks.length > 0, `no tasks for ${showValue(query)}`);
        refuse(
          query.count === undefined || tasks.length <= query.count,
          `${tasks.length} tasks were listed, but only ${query.count} were asked for`,
        );
        refuse(new Set(tasks.map(({ id }) => id)).size === tasks.length, 'two tasks have one id');
        sameJson(await listTasks(environment, query), tasks, 'the tasks of the second call');
        await withFresh(async (other) => {
          sameJson(await listTasks(other, query), tasks, 'the tasks of another instance');
        });
      }),

    'tasks are plain JSON: one that went through text and back starts the same episode': () =>
      withFresh(async (environment) => {
        for (const task of await listTasks(environment, query)) {
          const copy = JSON.parse(JSON.stringify(task)) as Task;
          refuse(isJsonValue(task), `task ${task.id} holds something that JSON does not`);
          refuse(task.environment === environment.id, `task ${task.id} names another environment`);
          const start = await environment.reset(task);
          const again = await environment.reset(copy);
          sameJson(
            [again.instruction, wellFormed(again)],
            [start.instruction, wellFormed(start)],
            `the start of task ${task.id} after JSON`,
          );
        }
      }),

    'the same actions give the same transitions, also in another instance': () =>
      eachWalk(async (environment, task, walked) => {
        const replay = async (instance: Environment<State>, where: string): Promise<void> => {
          let transition: Transition<State> = await instance.reset(task);
          sameJson(wellFormed(transition), walked.start, `the start of task ${task.id} ${where}`);
          for (const [turn, step] of walked.steps.entries()) {
            transition = await instance.step(transition.state, step.action);
            sameJson(
              wellFormed(transition),
              step.answer,
              `turn ${turn} of task ${task.id} ${where}`,
            );
          }
        };
        await replay(environment, 'on replay');
        await withFresh((other) => replay(other, 'in another instance'));
      }),

    'stepping changes nothing: every old state still gives the same answers': () =>
      eachWalk(async (environment, task, { steps }) => {
        for (const [turn, step] of [...steps.entries()].reverse()) {
          const where = `turn ${turn} of task ${task.id}, stepped again after its successors`;
          for (const action of step.admissible ?? [])
            if (action !== step.action) wellFormed(await environment.step(step.from, action));
          const again = await environment.step(step.from, step.action);
          sameJson(wellFormed(again), step.answer, where);
          if (step.admissible !== undefined) {
            const admissible = await environment.admissible?.(step.from);
            sameJson(admissible, step.admissible, `the admissible actions at ${where}`);
          }
        }
      }),

    'accepts every admissible action': () =>
      eachWalk(async (environment, task, { steps }) => {
        for (const { from, admissible } of steps) {
          if (admissible === undefined) continue;
          refuse(
            new Set(admissible).size === admissible.length,
            'an admissible action is listed twice',
          );
          for (const action of admissible) {
            const where = `task ${task.id}: admissible action ${showValue(action)}`;
            refuse(action.trim() !== '', `${where} is empty`);
            try {
              wellFormed(await environment.step(from, action));
            } catch (error) {
              throw new EnvironmentError(`${where} was not accepted: ${String(error)}`, {
                cause: error,
              });
            }
          }
        }
      }),

    'answers the empty action and an unknown one with a transition': () =>
      eachWalk(async (environment, task, { steps }) => {
        for (const { from } of steps.slice(0, 3)) {
          for (const action of UNKNOWN_ACTIONS) {
            try {
              wellFormed(await environment.step(from, action));
            } catch (error) {
              throw new EnvironmentError(
                `task ${task.id}: action ${showValue(action)} was not answered: ${String(error)}`,
                { cause: error },
              );
            }
          }
        }
      }),

    'a state whose episode ended refuses to step': () =>
      eachWalk(async (environment, task, walked) => {
        let last: Transition<State> = walked.last;
        if (last.status === 'running' && options.solve !== undefined) {
          last = await environment.reset(task);
          for (const action of options.solve(task)) {
            if (last.status !== 'running') break;
            last = await environment.step(last.state, action);
          }
        }
        refuse(
          last.status !== 'running',
          `task ${task.id} did not end in ${maxSteps} turns. Give \`solve\` or a larger \`maxSteps\``,
        );
        const action = walked.steps[0]?.action ?? '';
        const stepped = await Promise.resolve()
          .then(() => environment.step(last.state, action))
          .then(
            () => true,
            () => false,
          );
        refuse(!stepped, `task ${task.id} has ended (${last.status}), but its state was stepped`);
      }),
  };
  return Object.entries(checks).map(([name, run]) => ({ name, run }));
}
