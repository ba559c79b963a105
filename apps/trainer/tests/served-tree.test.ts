/**
 * @jest-environment ../../packages/tensor-onnx/tests/shared-arrays-environment.mjs
 */
import { sparkProtocol } from '@spark-rl/agent-protocol';
import { fixedProbability } from '@spark-rl/branching-criteria';
import { leafBudget } from '@spark-rl/budget';
import { treeId, type Policy, type Task, type Tree } from '@spark-rl/core';
import { alfworldBrief, householdEnvironment } from '@spark-rl/env-alfworld';
import { openaiCompatiblePolicy } from '@spark-rl/openai-compatible-policy';
import type { Engine } from '@spark-rl/tensor';
import { onnxCpu } from '@spark-rl/tensor-onnx';
import { rolloutTrees } from '@spark-rl/tree-rollout';

import { serveTiny, tinyModel, type Served } from './tiny-model.js';

const environment = householdEnvironment({ size: 'small', maxSteps: 6 });
const tasks = environment.tasks({ split: 'train', seed: 5, count: 3 }) as readonly Task[];

/** Real games and real trees: four leaves of two roots, which fork by chance, since an untrained model never says that it explores. */
const grow = (policy: Policy, form: 'transcript' | 'messages', temperature = 1) =>
  rolloutTrees({
    environment,
    policy,
    protocol: sparkProtocol(
      form === 'transcript'
        ? { form, brief: false, instruction: false }
        : { form, history: 2, admissible: false },
    ),
    brief: alfworldBrief(),
    roots: 2,
    budget: leafBudget({ leaves: 4 }),
    criterion: fixedProbability({ probability: 0.4, width: 2 }),
    maxTurns: 4,
    sampling: { temperature, maxTokens: 12 },
    retries: 0,
    trees: tasks.map((task, i) => ({ task, treeId: treeId(`tree-${i}`), seed: ['equal', i] })),
  });

/** A tree without what was cached, which depends on who asked before. */
const comparable = (trees: readonly Tree[]) =>
  trees.map(({ turns, leaves, account }) => ({
    account,
    leaves: leaves.map(({ id, outcome, score, error }) => ({ id, outcome, score, error })),
    turns: [...turns.values()].map(({ generation, ...turn }) => ({
      ...turn,
      generation: {
        text: generation.text,
        finish: generation.finish,
        policyVersion: generation.policyVersion,
        promptTokens: [...generation.promptTokens],
        responseTokens: [...generation.responseTokens],
      },
    })),
  }));

const logProbsOf = (trees: readonly Tree[]): number[] =>
  trees.flatMap(({ turns }) =>
    [...turns.values()].flatMap((each) => [...each.generation.logProbs]),
  );

let engine: Engine;
let served: Served;
beforeAll(async () => {
  engine = await onnxCpu({ threads: 1 }).open();
  served = await serveTiny({ of: tinyModel(3, 4096), engine, tokens: ['the-token'] });
});
afterAll(async () => {
  await served.close();
  await engine.dispose();
});

const overHttp = (more: object = {}) =>
  openaiCompatiblePolicy({
    url: served.server.url,
    apiKey: 'the-token',
    preset: 'vllm',
    model: 'tiny',
    version: 'v1',
    logProbsMode: 'processed',
    sendKey: true,
    tries: 1,
    ...more,
  });

describe('a tree over HTTP', () => {
  it.each([
    ['transcript', 1, 'the server encodes'],
    ['messages', 1, 'the server encodes'],
    ['transcript', 0.7, 'the client encodes'],
    ['transcript', 1, 'answers are streamed'],
  ] as const)(
    'is the tree in process: %s at temperature %s, %s',
    async (form, temperature, how) => {
      const expected = await grow(served.policy, form, temperature);
      const policy = overHttp({
        ...(how === 'the client encodes' && { tokenizer: served.model.tokenizer }),
        stream: how === 'answers are streamed',
      });
      const trees = await grow(policy, form, temperature);
      await policy.close();
      expect(
        expected.some(({ turns }) => [...turns.values()].some((each) => each.grantedWidth > 1)),
      ).toBe(true);
      expect(
        expected.flatMap(({ leaves }) => leaves).every(({ outcome }) => outcome !== 'failed'),
      ).toBe(true);
      expect(comparable(trees)).toEqual(comparable(expected));
      const wanted = logProbsOf(expected);
      const told = logProbsOf(trees);
      expect(told).toHaveLength(wanted.length);
      const largest = Math.max(...told.map((logProb, i) => Math.abs(logProb - wanted[i]!)));
      expect(largest).toBeLessThan(1e-4);
    },
  );

  it('differs when the key is not sent: then the seed, drawn from it, names another stream', async () => {
    const policy = overHttp({ sendKey: false });
    const trees = await grow(policy, 'transcript');
    const again = await grow(policy, 'transcript');
    await policy.close();
    expect(comparable(again)).toEqual(comparable(trees));
    expect(comparable(trees)).not.toEqual(comparable(await grow(served.policy, 'transcript')));
  });

  it('finds its own prefixes in the cache of the server', async () => {
    const policy = overHttp();
    await grow(policy, 'transcript');
    const { promptTokens, cachedPromptTokens } = policy.stats();
    await policy.close();
    expect(cachedPromptTokens / promptTokens).toBeGreaterThan(0.8);
  });
});
