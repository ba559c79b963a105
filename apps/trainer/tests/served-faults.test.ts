import { leafBudget } from '@spark-rl/budget';
import { fixedProbability } from '@spark-rl/branching-criteria';
import { randomSource, taskId, treeId, type Tree } from '@spark-rl/core';
import { corridor, plainProtocol } from '@spark-rl/core/testing';
import {
  openaiCompatiblePolicy,
  type Preset,
  type ServedPolicy,
} from '@spark-rl/openai-compatible-policy';
import {
  startLlamaCppDouble,
  startOpenAiDouble,
  startSglangDouble,
  startVllmDouble,
  toyModel,
  type DoubleRequest,
  type Fault,
  type ServerDouble,
} from '@spark-rl/openai-compatible-policy/testing';
import { rolloutTrees } from '@spark-rl/tree-rollout';

const LEAVES = 6;
const TREES = 4;

const start = (preset: Preset): Promise<ServerDouble> =>
  ({
    vllm: startVllmDouble,
    sglang: startSglangDouble,
    'llama.cpp': startLlamaCppDouble,
    openai: startOpenAiDouble,
  })[preset]();

const grow = (policy: ServedPolicy): Promise<readonly Tree[]> =>
  rolloutTrees({
    environment: corridor({ length: 8 }),
    policy,
    protocol: plainProtocol(),
    brief: { world: 'A corridor.', actions: [] },
    roots: 2,
    budget: leafBudget({ leaves: LEAVES }),
    criterion: fixedProbability({ probability: 0.5, width: 2 }),
    maxTurns: 4,
    sampling: { temperature: 1, maxTokens: 8 },
    retries: 1,
    trees: Array.from({ length: TREES }, (_, i) => ({
      task: {
        id: taskId(`task-${i}`),
        environment: 'corridor',
        split: 'train',
        data: { start: 2, goal: 7 },
      },
      treeId: treeId(`tree-${i}`),
      seed: ['faults', i],
    })),
  });

async function growing(
  preset: Preset,
  fault: (request: DoubleRequest) => Fault | undefined,
  use: (trees: readonly Tree[], server: ServerDouble) => void,
): Promise<void> {
  const server = await start(preset);
  server.fail(fault);
  const policy = openaiCompatiblePolicy({
    preset,
    url: server.url,
    model: 'toy',
    firstDelayMs: 1,
    longestDelayMs: 20,
    limits: { headersMs: 2_000, stallMs: 2_000 },
  });
  try {
    use(await grow(policy), server);
  } finally {
    await policy.close();
    await server.close();
  }
}

/** A tree without what was cached, which depends on how often was asked. */
const comparable = (trees: readonly Tree[]) =>
  trees.map(({ account, leaves, turns }) => ({
    account,
    leaves,
    turns: [...turns.values()].map((turn) => ({
      ...turn,
      generation: { ...turn.generation, cachedPromptTokens: 0 },
    })),
  }));

const passing: readonly Fault[] = [
  { kind: 'status', status: 429 },
  { kind: 'status', status: 429, headers: { 'retry-after': '0.01' } },
  { kind: 'status', status: 500 },
  { kind: 'hang-up' },
  { kind: 'cut', share: 0.7 },
  { kind: 'garbage', text: '<html>' },
  { kind: 'slow', ms: 20 },
  { kind: 'stall', ms: 20 },
];

/** A fault for one request in three, drawn by its number: never three in a row, so that all of them pass. */
const sometimes = ({ nth }: DoubleRequest): Fault | undefined =>
  nth % 3 === 0 ? randomSource(['fault', nth]).pick(passing) : undefined;

const balanced = (tree: Tree): void => {
  const failed = tree.leaves.filter(({ outcome }) => outcome === 'failed').length;
  expect(tree.leaves.length).toBeLessThanOrEqual(LEAVES);
  const { account } = tree;
  expect(account.failed).toBe(failed);
  expect(account.used + account.reserved + account.failed + account.free).toBe(LEAVES);
  expect(account.reserved).toBe(0);
  expect(account.used + account.failed).toBe(tree.leaves.length);
};

describe.each<Preset>(['vllm', 'sglang', 'llama.cpp', 'openai'])(
  'trees on a server of the preset %s',
  (preset) => {
    it('are the same with faults that pass as without any', async () => {
      let expected: unknown;
      await growing(
        preset,
        () => undefined,
        (trees) => {
          expect(trees).toHaveLength(TREES);
          trees.forEach(balanced);
          expected = comparable(trees);
        },
      );
      await growing(preset, sometimes, (trees) => {
        expect(comparable(trees)).toEqual(expected);
      });
    });

    it('lose leaves to faults that do not pass, and account for every one', async () => {
      // Longer prompts are of later turns: roots live, and some of their paths fail.
      const fatal = ({ path, nth }: DoubleRequest): Fault | undefined =>
        path !== '/tokenize' && path !== '/apply-template' && nth % 4 === 3
          ? { kind: 'status', status: 400 }
          : undefined;
      await growing(preset, fatal, (trees) => {
        expect(trees).toHaveLength(TREES);
        trees.forEach(balanced);
        const failed = trees.flatMap(({ leaves }) =>
          leaves.filter(({ outcome }) => outcome === 'failed'),
        );
        expect(failed.length).toBeGreaterThan(0);
        for (const { error } of failed) expect(error).toContain('a fault of 400');
      });
    });
  },
);

describe('a server that changes its tokenizer while trees grow', () => {
  it('fails their leaves with the reason, and none is lost', async () => {
    const server = await startVllmDouble();
    const policy = openaiCompatiblePolicy({
      preset: 'vllm',
      url: server.url,
      model: 'toy',
      verifyEveryCalls: 4,
    });
    let answered = 0;
    server.fail(({ path }) => {
      if (path === '/v1/completions' && ++answered === 8)
        server.restart(toyModel({ tokenizer: 3 }));
      return undefined;
    });
    try {
      const trees = await grow(policy);
      expect(trees).toHaveLength(TREES);
      trees.forEach(balanced);
      const errors = trees.flatMap(({ leaves }) => leaves.flatMap(({ error }) => error ?? []));
      expect(errors.length).toBeGreaterThan(0);
      for (const error of errors) expect(error).toContain('another tokenizer');
      expect(policy.servers()[0]!.status).toBe('refused');
    } finally {
      await policy.close();
      await server.close();
    }
  });
});
