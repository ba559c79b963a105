import { AbortedError, InvalidInputError, leavesBelow, type CreditedTree } from '@spark-rl/core';
import { referenceEngine, type HostTensor, type Named } from '@spark-rl/tensor';

import { grpoLearner, type GrpoLearner, type GrpoLearnerSettings } from '../src/index.js';
import {
  randomCreditedTree,
  randomTree,
  tinyLogProb,
  tinyModel,
  tinyParameters,
} from './fixtures.js';

const engine = referenceEngine();
const start = tinyParameters(1);
const temperature = 0.8;

/** Trees sampled by the starting weights, as far as their log-probabilities tell. */
const recipe = {
  appendOnly: true,
  logProb: (token: number, next: number) => tinyLogProb(start, token, next, temperature),
  explore: (turn: number) => turn === 1,
};
const trees = [1, 2, 3, 4].map((seed) => randomCreditedTree(seed, recipe));

const open = (changes: Partial<GrpoLearnerSettings> = {}): Promise<GrpoLearner> =>
  grpoLearner({
    engine,
    model: tinyModel,
    start,
    reference: start,
    temperature,
    ...changes,
    options: { learningRate: 0.01, ...changes.options },
  });

const weightsOf = async (learner: GrpoLearner): Promise<number[]> => {
  const parameters = learner.parameters();
  const read: Named<HostTensor> = await parameters.read();
  parameters.dispose();
  return Object.values(read).flatMap(({ data }) => [...data]);
};

describe('grpoLearner', () => {
  it('begins at ratio 1 and KL 0 where the weights are those that sampled', async () => {
    const learner = await open();
    const { policyVersion, metrics } = await learner.learn(trees);
    expect(policyVersion).toBe('1');
    expect(learner.policyVersion()).toBe('1');
    expect(metrics['maxRatioDeviation']).toBeLessThan(1e-4);
    expect(metrics['ratio']).toBeCloseTo(1, 5);
    expect(metrics['kl']).toBeCloseTo(0, 9);
    expect(metrics['clipRatio']).toBe(0);
    expect(metrics['updates']).toBe(1);
    expect(metrics['gradientNorm']).toBeGreaterThan(0);
    expect(metrics['exploreShare']).toBeGreaterThan(0);
    expect(metrics['tokens']).toBe(
      trees
        .flatMap(({ tree, credits }) => credits.map(({ node }) => tree.turns.get(node)!))
        .reduce((sum, { generation }) => sum + generation.responseTokens.length, 0),
    );
    expect(metrics['paddedTokens']).toBeGreaterThan(metrics['tokens']!);
    expect(metrics['learningRate']).toBe(0.01);
    learner.dispose();
  });

  it('makes good responses likelier and bad ones less likely', async () => {
    // Responses that begin with an even token are good.
    const judge = (seed: number): CreditedTree => {
      const tree = randomTree(seed, recipe);
      const credits = [...leavesBelow(tree)]
        .filter(([, leaves]) => leaves.length > 0)
        .map(([node]) => {
          const [token = 0] = tree.turns.get(node)!.generation.responseTokens;
          return {
            tree: tree.id,
            node,
            copies: [{ advantage: token % 2 === 0 ? 1 : -1, weight: 1 }],
          };
        });
      return { tree, credits };
    };
    const judged = Array.from({ length: 12 }, (_, seed) => judge(seed));
    /** The mean of advantage times log-probability: what the update should raise. */
    const merit = (parameters: typeof start): number => {
      const terms = judged.flatMap(({ tree, credits }) =>
        credits.flatMap(({ node, copies }) => {
          const { promptTokens, responseTokens } = tree.turns.get(node)!.generation;
          return [...responseTokens].map((next, i) => {
            const token = responseTokens[i - 1] ?? promptTokens.at(-1)!;
            return copies[0]!.advantage * tinyLogProb(parameters, token, next, temperature);
          });
        }),
      );
      return terms.reduce((a, b) => a + b, 0) / terms.length;
    };
    const learner = await open({
      options: { learningRate: 0.03, optimizerStepsPerBatch: 3, klCoefficient: 0 },
    });
    const { metrics } = await learner.learn(judged);
    expect(metrics['updates']).toBe(3);
    const parameters = learner.parameters();
    const after = await parameters.read();
    expect(merit(after)).toBeGreaterThan(merit(start) + 0.01);
    expect(metrics).not.toHaveProperty('kl');
  });

  it('changes next to nothing with small micro-batches: only rounding', async () => {
    const [one, many] = [await open(), await open({ options: { tokenBudget: 1 } })];
    const [a, b] = [await one.learn(trees), await many.learn(trees)];
    expect(b.metrics['loss']).toBeCloseTo(a.metrics['loss']!, 5);
    expect(b.metrics['gradientNorm']).toBeCloseTo(a.metrics['gradientNorm']!, 5);
    const [x, y] = [await weightsOf(one), await weightsOf(many)];
    for (const [i, value] of x.entries()) expect(y[i]).toBeCloseTo(value, 5);
  });

  it('continues from a snapshot as if it had never stopped', async () => {
    const options = {
      optimizerStepsPerBatch: 2,
      learningRate: { kind: 'linear' as const, peakRate: 0.02, totalSteps: 6 },
    };
    const whole = await open({ options });
    await whole.learn(trees);
    const snapshot = await whole.snapshot();
    expect(snapshot.step).toBe(2);
    const { metrics } = await whole.learn(trees);
    const resumed = await open({ options, start: snapshot, version: 1 });
    const again = await resumed.learn(trees);
    expect(again.policyVersion).toBe('2');
    expect(again.metrics).toEqual(metrics);
    expect(await weightsOf(resumed)).toEqual(await weightsOf(whole));
  });

  it('takes the learning rate of a batch instead of its own', async () => {
    const own = await open({ options: { learningRate: 0.02 } });
    await own.learn(trees);
    const given = await open();
    const { metrics } = await given.learn(trees, { learningRate: 0.02 });
    expect(metrics['learningRate']).toBe(0.02);
    expect(await weightsOf(given)).toEqual(await weightsOf(own));
  });

  it('does nothing without credits', async () => {
    const learner = await open();
    const before = await weightsOf(learner);
    const { policyVersion, metrics } = await learner.learn([{ tree: trees[0]!.tree, credits: [] }]);
    expect(policyVersion).toBe('0');
    expect(metrics).toMatchObject({ rows: 0, turns: 0, tokens: 0, updates: 0, skippedUpdates: 0 });
    expect(await weightsOf(learner)).toEqual(before);
  });

  it('stops when asked', async () => {
    const learner = await open();
    await expect(learner.learn(trees, { signal: AbortSignal.abort() })).rejects.toThrow(
      AbortedError,
    );
    expect(learner.policyVersion()).toBe('0');
  });

  it('names what is wrong with its settings', async () => {
    await expect(open({ options: { clipLow: 2 } })).rejects.toThrow(/clipLow/);
    await expect(open({ temperature: 0 })).rejects.toThrow(/temperature/);
    const without = { engine, model: tinyModel, start, temperature };
    await expect(grpoLearner(without)).rejects.toThrow(InvalidInputError);
    const free = await grpoLearner({ ...without, options: { klCoefficient: 0 } });
    expect(free.policyVersion()).toBe('0');
  });
});
