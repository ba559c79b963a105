import fsPromises, { open, type FileHandle } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

import { sparkProtocol } from '@spark-rl/agent-protocol';
import {
  always,
  exploreTag,
  fixedProbability,
  never,
  randomNodes,
  randomSubset,
} from '@spark-rl/branching-criteria';
import { leafBudget, splitSpending, taskBudget } from '@spark-rl/budget';
import {
  PolicyError,
  randomSource,
  taskId,
  treeId,
  type Environment,
  type Policy,
  type Start,
  type Status,
  type Task,
  type Transition,
  type Tree,
} from '@spark-rl/core';
import { scriptedPolicy } from '@spark-rl/core/testing';
import { openTreeJournal } from '@spark-rl/run-store';
import { rolloutTrees, type RolloutParts, type RolloutSettings } from '@spark-rl/tree-rollout';

/** Where a process ends itself: at so many moments of writing, with this share of the bytes written. */
export interface Death {
  readonly moment: number;
  readonly share: number;
}

export interface GrowOptions {
  readonly folder: string;
  /** Which of the {@link VARIANTS}. */
  readonly variant: number;
  /** What the trees depend on. */
  readonly seed: number;
  /** What they may not depend on: delays, and failures that a repetition mends. None without it. */
  readonly weather?: number;
  readonly death?: Death;
}

type Choices = Pick<
  RolloutParts<unknown>,
  'budget' | 'criterion' | 'arbiter' | 'expansion' | 'spending'
> &
  RolloutSettings;

/** Rollouts of every kind, each with what is decided at another place of a tree. */
export const VARIANTS: readonly Choices[] = [
  { roots: 3, budget: leafBudget({ leaves: 8 }), criterion: exploreTag() },
  {
    roots: 2,
    budget: taskBudget({ leaves: 8, tokens: 3000, steps: 60 }),
    criterion: fixedProbability({ probability: 0.4, width: 3 }),
    forkAt: 'same-turn',
  },
  {
    roots: 2,
    profile: 'reference-code',
    budget: leafBudget({ leaves: 6 }),
    criterion: always(),
    arbiter: randomSubset({ count: 1 }),
  },
  {
    roots: 2,
    budget: taskBudget({ leaves: 7, steps: 80 }),
    criterion: never(),
    expansion: randomNodes({ nodes: 2, rounds: 3 }),
  },
  {
    roots: 3,
    budget: leafBudget({ leaves: 9 }),
    criterion: exploreTag({ width: 3 }),
    spending: splitSpending({
      probes: 2,
      roots: { agree: 2, split: 3 },
      leaves: { agree: 3, split: 9 },
      width: { agree: 1, split: 3 },
    }),
  },
];

const LOST = 'the machine is gone';

interface WorldState {
  readonly task: string;
  readonly history: readonly string[];
}

/** A world whose answers, ends and lasting failures are drawn from what was done so far. */
function randomWorld(trouble: () => Promise<void>): Environment<WorldState> {
  const at = (state: WorldState): Transition<WorldState> => {
    const random = randomSource(['world', state.task, ...state.history]);
    const ended = state.history.length > 0 && random.uniform() < 0.15;
    const status: Status = ended ? random.pick(['success', 'failure', 'truncated']) : 'running';
    return { state, observation: `“${random.integer(1000)}” ☂`, score: random.uniform(), status };
  };
  return {
    id: 'random',
    tasks: () => [],
    reset: async (task): Promise<Start<WorldState>> => {
      await trouble();
      if (randomSource(['poisoned', task.id, JSON.stringify(task.data)]).uniform() < 0.08)
        throw new Error(LOST);
      return { ...at({ task: task.id, history: [] }), instruction: 'Go on.' };
    },
    step: async (state, action) => {
      await trouble();
      const history = [...state.history, action];
      const lasting = randomSource(['broken', state.task, ...history]).uniform() < 0.02;
      if (lasting) throw new Error(LOST);
      return at({ ...state, history });
    },
  };
}

/** A policy whose words and lasting failures are drawn from the key, with the tokens of an append-only transcript. */
function randomPolicy(trouble: () => Promise<void>): Policy {
  const { id, generate } = scriptedPolicy(async ({ random }) => {
    await trouble();
    if (random.uniform() < 0.02) throw new PolicyError('no answer');
    const mode = random.uniform() < 0.4 ? 'explore' : 'think';
    const action = random.pick(['a', 'b', 'ç']);
    return `<${mode}>${random.integer(100)} ✓</${mode}>${random.uniform() < 0.1 ? '' : `<action>${action}</action>`}`;
  });
  return {
    id,
    generate: async (request) => {
      const generation = await generate(request);
      const { prompt } = request;
      if (prompt.kind !== 'transcript') return generation;
      const tokens = prompt.segments.flatMap((segment) =>
        'tokens' in segment
          ? [...segment.tokens]
          : [...segment.text].map((character) => character.codePointAt(0)!),
      );
      return { ...generation, promptTokens: Int32Array.from(tokens) };
    },
  };
}

type Write = (this: FileHandle, data: string) => Promise<void>;

/** Ends this process by SIGKILL at a moment of writing: in the middle of a write, or right before or after a file is replaced. */
async function dieAt({ moment, share }: Death): Promise<void> {
  let moments = 0;
  const isNow = (): boolean => ++moments === moment;
  const die = (): Promise<never> => {
    process.kill(process.pid, 'SIGKILL');
    return new Promise(() => undefined);
  };
  const handle = await open(process.execPath);
  const prototype = Object.getPrototypeOf(handle) as FileHandle;
  await handle.close();
  for (const name of ['appendFile', 'writeFile'] as const) {
    const whole: Write = Reflect.get(prototype, name);
    const patched = async function (this: FileHandle, data: string): Promise<void> {
      if (isNow()) {
        const bytes = Buffer.from(data);
        await this.write(bytes.subarray(0, Math.round(share * bytes.length)));
        return die();
      }
      await whole.call(this, data);
    };
    Object.assign(prototype, { [name]: patched });
  }
  const { rename } = fsPromises;
  const patched: typeof rename = async (from, to) => {
    if (isNow()) return die();
    await rename(from, to);
    if (isNow()) return die();
  };
  Object.assign(fsPromises, { rename: patched });
  syncBuiltinESMExports();
}

const TREES = 4;

/** Grows trees into a folder with a real journal, going on with what is there. */
export async function growTrees(options: GrowOptions): Promise<readonly Tree[]> {
  const { folder, variant, seed, weather, death } = options;
  let calls = 0;
  const trouble = async (): Promise<void> => {
    if (weather === undefined) return;
    const random = randomSource(['weather', weather, calls++]);
    await new Promise((resolve) => setTimeout(resolve, random.uniform() * 6));
    // One of six calls fails; with eight repetitions that is never for good. It says what a lasting failure says, since of those only
    // the last error is recorded.
    if (random.uniform() < 1 / 6) throw new Error(LOST);
  };
  if (death !== undefined) await dieAt(death);
  const journal = openTreeJournal(folder, { resume: true });
  try {
    return await rolloutTrees<WorldState>({
      ...VARIANTS[variant]!,
      environment: randomWorld(trouble),
      policy: randomPolicy(trouble),
      protocol: sparkProtocol({ form: 'transcript', separator: '' }),
      brief: { world: 'A world.', actions: [] },
      maxTurns: 7,
      sampling: { maxTokens: 60 },
      // Keys out of order: what is compared with the record may not depend on them.
      trees: Array.from({ length: TREES }, (_, index) => ({
        task: {
          id: taskId(`task-${index}`),
          environment: 'random',
          split: 'train',
          data: { z: seed, a: index },
        } satisfies Task,
        treeId: treeId(`tree-${index}`),
        seed: ['resume', seed, index],
      })),
      retries: weather === undefined ? 0 : 8,
      concurrency: 3,
      journal,
    });
  } finally {
    await journal.close();
  }
}
