/**
 * @jest-environment ../../packages/tensor-onnx/tests/shared-arrays-environment.mjs
 */
import { join } from 'node:path';

import { leafStatistics } from '@spark-rl/advantage-normalization';
import { fixedProbability } from '@spark-rl/branching-criteria';
import { leafBudget } from '@spark-rl/budget';
import {
  taskId,
  treeId,
  type AgentProtocol,
  type Environment,
  type Policy,
  type Task,
} from '@spark-rl/core';
import { grpoLearner } from '@spark-rl/grpo-optimizer';
import {
  openaiCompatiblePolicy,
  openCassette,
  requireTokens,
} from '@spark-rl/openai-compatible-policy';
import type { Engine } from '@spark-rl/tensor';
import { onnxCpu } from '@spark-rl/tensor-onnx';
import { decoderTransformer } from '@spark-rl/transformer-policy';
import { rolloutTrees } from '@spark-rl/tree-rollout';

import { serveTiny, tinyModel } from './tiny-model.js';

/** Recorded by this test from `serve` in front of this model, with `RECORD_CASSETTES=1`; replayed without a server otherwise. */
const path = join(__dirname, 'cassettes', 'training-step.jsonl');
const recording = process.env['RECORD_CASSETTES'] === '1';
const model = tinyModel(4, 256);

/** Two turns; who says more letters than other signs in both succeeds. So an untrained model wins some and loses some. */
const world: Environment<readonly boolean[]> = {
  id: 'letters',
  tasks: () => [],
  reset: () => ({
    state: [],
    observation: 'Speak.',
    score: 0,
    status: 'running',
    instruction: 'Say letters.',
  }),
  step: (state, action) => {
    const letters = [...action].filter((each) => /\p{L}/u.test(each)).length;
    const next = [...state, 2 * letters > action.length];
    const won = next.every(Boolean);
    return {
      state: next,
      observation: `${letters} letters.`,
      score: won ? 1 : 0,
      status: next.length < 2 ? 'running' : won ? 'success' : 'failure',
    };
  },
};

/** Every text is an action; the tokens of earlier turns are kept as they are. */
const protocol: AgentProtocol = {
  id: 'bare',
  wantsAdmissible: false,
  prompt: ({ past, observation }) => {
    const last = past.at(-1);
    return {
      kind: 'transcript',
      segments: [
        ...(last === undefined
          ? []
          : [{ tokens: last.generation.promptTokens }, { tokens: last.generation.responseTokens }]),
        { text: `\n${observation}\n` },
      ],
    };
  },
  parse: (text) => ({ valid: true, mode: null, reasoning: '', action: text }),
  render: ({ action }) => action,
};

const tasks = [0, 1].map((index): Task => ({
  id: taskId(`t${index}`),
  environment: 'letters',
  split: 'train',
  data: index,
}));

const grow = (policy: Policy) =>
  rolloutTrees({
    environment: world,
    policy,
    protocol,
    brief: { world: '', actions: [] },
    roots: 4,
    budget: leafBudget({ leaves: 6 }),
    criterion: fixedProbability({ probability: 0.5, width: 2 }),
    maxTurns: 2,
    sampling: { temperature: 1, maxTokens: 8 },
    retries: 0,
    trees: tasks.map((task, i) => ({ task, treeId: treeId(`tree-${i}`), seed: ['cassette', i] })),
  });

const common = {
  preset: 'vllm',
  model: 'tiny',
  version: 'v1',
  logProbsMode: 'processed',
  sendKey: true,
} as const;

let engine: Engine;
beforeAll(async () => {
  engine = await onnxCpu({ threads: 1 }).open();
  if (!recording) return;
  const served = await serveTiny({ of: model, engine });
  const cassette = await openCassette({ path, mode: 'record' });
  const policy = openaiCompatiblePolicy({ ...common, url: served.server.url, cassette });
  await grow(policy);
  await policy.close();
  await served.close();
});
afterAll(() => engine.dispose());

describe('a training step from a cassette', () => {
  it('learns from recorded tokens and log-probabilities, without a server', async () => {
    const cassette = await openCassette({ path, mode: 'replay' });
    const policy = openaiCompatiblePolicy({ ...common, url: [], cassette });
    requireTokens(policy);
    const trees = await grow(policy);
    await policy.close();
    const leaves = trees.flatMap((tree) => tree.leaves);
    const outcomes = new Set(leaves.map(({ outcome }) => outcome));
    expect([...outcomes].sort()).toEqual(['failure', 'success']);
    expect(leaves.length).toBeGreaterThan(8);

    const estimator = leafStatistics({ weights: 'mean' });
    const credited = trees.map((tree) => ({ tree, credits: estimator.estimate([tree]) }));
    const step = async () => {
      const learner = await grpoLearner({
        engine,
        model: decoderTransformer(model.config),
        start: model.parameters,
        temperature: 1,
        options: { learningRate: 1e-3, klCoefficient: 0 },
      });
      const update = await learner.learn(credited);
      const { parameters } = await learner.snapshot();
      learner.dispose();
      return { ...update, parameters };
    };
    const { metrics, policyVersion, parameters } = await step();
    expect(policyVersion).not.toBe('v1');
    expect(metrics['tokens']).toBeGreaterThan(60);
    // The weights that are trained are those that were served: what the server told of its tokens is what the learner computes of them.
    expect(metrics['maxRatioDeviation']).toBeLessThan(1e-3);
    const moved = Object.entries(parameters).filter(([name, { data }]) =>
      data.some((value, i) => value !== model.parameters[name]!.data[i]),
    );
    expect(moved.length).toBeGreaterThan(3);
    expect((await step()).parameters).toEqual(parameters);
  });

  it('names the nearest recorded call when another step is asked of it', async () => {
    const cassette = await openCassette({ path, mode: 'replay' });
    const policy = openaiCompatiblePolicy({ ...common, url: [], cassette });
    const request = {
      prompt: { kind: 'transcript', segments: [{ text: '\nSpeak.\n' }] },
      sampling: { temperature: 0.5, maxTokens: 8 },
      key: ['cassette', 0, 't0', 'node', '0', 'response'],
      affinity: 'tree-0',
    } as const;
    await expect(policy.generate(request)).rejects.toThrow(
      /nearest.*temperature \(asked 0\.5; recorded 1\)/,
    );
    await policy.close();
  });
});
