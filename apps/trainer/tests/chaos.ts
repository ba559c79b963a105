import {
  always,
  exploreTag,
  fixedProbability,
  priorityFirst,
  randomNodes,
} from '@spark-rl/branching-criteria';
import { leafBudget, taskBudget } from '@spark-rl/budget';
import {
  EnvironmentError,
  PolicyError,
  randomSource,
  taskId,
  type Account,
  type Policy,
  type RandomSource,
  type Status,
  type Task,
  type Tree,
  type TreeEvent,
} from '@spark-rl/core';
import { replayedEnvironment, type Answer, type LiveWorld } from '@spark-rl/core/replay';
import { plainProtocol, scriptedPolicy } from '@spark-rl/core/testing';
import { rolloutTree, type RolloutEvent, type RolloutTreeOptions } from '@spark-rl/tree-rollout';

/** What a soak under random failures met. */
export interface ChaosReport {
  readonly trees: number;
  readonly cancelled: number;
  readonly poisoned: number;
  readonly failedLeaves: number;
  readonly retries: number;
  readonly forks: number;
  /** Live worlds that were still there when their environment had been closed. */
  readonly alive: number;
}

const task: Task = { id: taskId('t'), environment: 'chaos', split: 'train', data: null };

/** Never settles, as a server that has lost the connection. */
const hang = (): Promise<never> => new Promise(() => undefined);

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

/** What may befall one call: drawn anew at each, so that repetitions may fare better. */
async function misfortune(luck: RandomSource, harm: number, error: () => Error): Promise<void> {
  const draw = luck.uniform();
  if (draw < harm / 2) throw error();
  if (draw < 0.6 * harm) await hang();
  if (draw < harm) await pause(luck.integer(4));
}

/** A live world whose answers follow from its task and actions, and whose calls fail, hang and dawdle. */
function shakyWorld(
  seed: number,
  luck: RandomSource,
  harm: number,
  onClose: () => void,
): LiveWorld {
  let history: string[] = [];
  const broken = (): Error => new EnvironmentError('the simulator crashed');
  const answer = (): Answer => {
    const random = randomSource(['chaos world', seed, ...history]);
    const ended = history.length > 0 && random.uniform() < 0.12;
    const status: Status = ended ? random.pick(['success', 'failure', 'truncated']) : 'running';
    return { observation: `room ${random.integer(99)}`, score: random.uniform(), status };
  };
  return {
    reset: async () => {
      await misfortune(luck, harm, broken);
      history = [];
      return { ...answer(), instruction: 'Go on.' };
    },
    step: async (action) => {
      await misfortune(luck, harm, broken);
      history = [...history, action];
      return answer();
    },
    admissible: () => ['a', 'b'],
    close: onClose,
  };
}

const shakyPolicy = (luck: RandomSource, harm: number): Policy =>
  scriptedPolicy(async ({ random }) => {
    await misfortune(luck, harm, () =>
      luck.uniform() < 0.8
        ? new PolicyError('503', { retryable: true })
        : new PolicyError('the prompt is refused'),
    );
    const mode = random.uniform() < 0.4 ? 'explore' : 'think';
    return `<${mode}>${random.integer(9)}</${mode}><action>${random.pick(['a', 'b', 'c'])}</action>`;
  });

/** Draws a rollout; everything that may change its tree follows from the seed. */
function rolloutOf(
  seed: number,
): Omit<
  RolloutTreeOptions<never>,
  'environment' | 'policy' | 'task' | 'seed' | 'protocol' | 'brief'
> {
  const random = randomSource(['chaos rollout', seed]);
  const leaves = 2 + random.integer(9);
  return {
    roots: 1 + random.integer(Math.min(4, leaves)),
    maxTurns: 2 + random.integer(6),
    sampling: { maxTokens: 64 },
    forkAt: random.pick(['next-turn', 'same-turn']),
    profile: random.pick(['spark', 'spark', 'reference-code']),
    criterion: random.pick([
      exploreTag(),
      always({ width: 3 }),
      fixedProbability({ probability: 0.5 }),
    ]),
    budget: random.pick([
      leafBudget({ leaves }),
      taskBudget({ leaves, tokens: 64 * (4 + random.integer(60)), steps: 4 + random.integer(60) }),
    ]),
    retries: random.integer(3),
    timeouts: { policy: 12, environment: 12 },
    inFlight: { policy: 1 + random.integer(4) },
    poisonAfter: 1 + random.integer(5),
    ...(random.uniform() < 0.3 && { arbiter: priorityFirst() }),
    ...(random.uniform() < 0.3 && { expansion: randomNodes({ nodes: 2, rounds: 2 }) }),
  };
}

function checkBalance({ limit, used, reserved, failed, free }: Account): void {
  if (used + reserved + failed + free !== limit || Math.min(used, reserved, failed, free) < 0)
    throw new Error(`unbalanced: ${JSON.stringify({ limit, used, reserved, failed, free })}`);
}

/** Every leaf that was opened has ended, once; everything is settled. */
function checkTree(tree: Tree): void {
  checkBalance(tree.account);
  for (const account of [tree.resources?.tokens, tree.resources?.steps]) {
    if (account === undefined) continue;
    checkBalance(account);
    if (account.reserved !== 0) throw new Error('a turn was never settled');
  }
  const charged = tree.leaves.filter(({ copy }) => copy?.reason !== 'padding');
  if (tree.account.reserved !== 0 || charged.length !== tree.account.used + tree.account.failed)
    throw new Error(`${charged.length} leaves for ${JSON.stringify(tree.account)}`);
  if (new Set(tree.leaves.map(({ id }) => id)).size !== tree.leaves.length)
    throw new Error('two leaves have one id');
}

/**
 * Grows trees while policy and world throw, hang and dawdle at random, and stops some of them at a random moment; those are taken
 * up again from what they had journalled. Throws when a promise is broken; a hang is for the caller's clock to notice.
 */
export async function chaos(seed: number, trees: number): Promise<ChaosReport> {
  const met = { cancelled: 0, poisoned: 0, failedLeaves: 0, retries: 0, forks: 0, alive: 0 };
  const one = async (index: number): Promise<void> => {
    const luck = randomSource(['chaos luck', seed, index]);
    const harm = luck.pick([0.05, 0.2, 0.5]);
    let live = 0;
    const capacity = 1 + luck.integer(4);
    const environment = replayedEnvironment({
      id: 'chaos',
      tasks: () => [task],
      capacity,
      launch: () => {
        if (++live > capacity) throw new Error(`${live} live worlds, capacity ${capacity}`);
        return shakyWorld(index, luck, harm, () => void live--);
      },
    });
    const journalled: TreeEvent[] = [];
    const controller = new AbortController();
    const stopAt = luck.uniform() < 0.3 ? luck.integer(25) : Infinity;
    let events = 0;
    const options = {
      ...rolloutOf(index),
      environment,
      policy: shakyPolicy(luck, harm),
      protocol: plainProtocol(),
      brief: { world: '', actions: [] },
      task,
      seed: ['chaos', index],
      onEvent: (event: RolloutEvent): void => {
        if (++events === stopAt) controller.abort();
        if ('account' in event) checkBalance(event.account);
        if (event.type === 'retry') met.retries++;
        if (event.type === 'fork') met.forks++;
        if (event.type === 'poison') met.poisoned++;
      },
    };
    let writing: Promise<void> = Promise.resolve();
    const append = (event: TreeEvent): Promise<void> =>
      (writing = writing.then(() => pause(0)).then(() => void journalled.push(event)));
    let tree: Tree | undefined;
    try {
      tree = await rolloutTree({ ...options, journal: { append }, signal: controller.signal });
    } catch (error) {
      if ((error as { code?: string }).code !== 'aborted') throw error;
      met.cancelled++;
    }
    while (tree === undefined) {
      // What was being written when it was stopped is written to its end, as closing a file would see to.
      await writing;
      const recorded = [...journalled];
      tree = await rolloutTree({
        ...options,
        journal: { append, recorded: () => recorded },
      }).catch((error: Error) => {
        // A world that cannot even be brought back to where the record ends keeps the record for another day.
        if (!error.message.includes('could not be replayed')) throw error;
        return undefined;
      });
    }
    checkTree(tree);
    const ends = journalled.filter(({ type }) => type === 'leaf').length;
    if (ends !== tree.leaves.length) throw new Error('a leaf is not in the journal');
    met.failedLeaves += tree.account.failed;
    await environment.close();
    met.alive += live;
  };
  for (let begun = 0; begun < trees; begun += 10) {
    const batch = Array.from({ length: Math.min(10, trees - begun) }, (_, i) => one(begun + i));
    await Promise.all(batch);
  }
  return { trees, ...met };
}
