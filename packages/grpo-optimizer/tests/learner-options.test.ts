import { InvalidInputError, type CreditedTree } from '@spark-rl/core';
import { referenceEngine, type HostTensor, type Named } from '@spark-rl/tensor';
import fc from 'fast-check';

import { grpoLearner, type GrpoLearner, type GrpoLearnerSettings } from '../src/index.js';
import { randomCreditedTree, tinyLogProb, tinyModel, tinyParameters } from './fixtures.js';

const engine = referenceEngine();
const start = tinyParameters(1);
const temperature = 0.8;
const recipe = {
  appendOnly: true,
  logProb: (token: number, next: number) => tinyLogProb(start, token, next, temperature),
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

const weightsOf = async (learner: GrpoLearner): Promise<Named<HostTensor>> => {
  const parameters = learner.parameters();
  const read = await parameters.read();
  parameters.dispose();
  return read;
};
const flat = (weights: Named<HostTensor>): number[] =>
  Object.values(weights).flatMap(({ data }) => [...data]);

/** Trees whose recorded log-probabilities are off by some nats. */
const shifted = (nats: number): CreditedTree[] =>
  [1, 2, 3, 4].map((seed) =>
    randomCreditedTree(seed, {
      ...recipe,
      logProb: (token, next) => recipe.logProb(token, next) - nats,
    }),
  );

describe('epochs', () => {
  it('go over the batch again, in another order, against the same old log-probabilities', async () => {
    const learner = await open({ options: { epochs: 3, optimizerStepsPerBatch: 2 } });
    const { metrics, policyVersion } = await learner.learn(trees);
    expect(metrics['updates']).toBe(6);
    expect(policyVersion).toBe('1');
    expect(metrics['policyKl']).toBeGreaterThan(0);
    expect(metrics['ratioDeviation']).toBeGreaterThan(0.001);
    expect(metrics['kl']).toBeGreaterThan(0);
    const twice = await open({ options: { optimizerStepsPerBatch: 2 } });
    for (let i = 0; i < 3; i++) await twice.learn(trees);
    expect(flat(await weightsOf(learner))).not.toEqual(flat(await weightsOf(twice)));
  });

  it('begin as one epoch does', async () => {
    const one = await open();
    const two = await open({ options: { epochs: 2, targetKl: 1e-9 } });
    await one.learn(trees);
    await two.learn(trees);
    // The first step finds no KL; the second finds some, and ends the batch.
    expect((await two.snapshot()).step).toBe(2);
    const once = await open({ options: { epochs: 2, optimizerStepsPerBatch: 1 } });
    const { metrics } = await once.learn(trees);
    expect(metrics['updates']).toBe(2);
    expect(metrics).not.toHaveProperty('stoppedEarly');
  });

  it('end early when the policy has gone far enough from the one that sampled', async () => {
    const options = { epochs: 10, learningRate: 0.05 };
    const { metrics } = await (
      await open({ options: { ...options, targetKl: 0.02 } })
    ).learn(trees);
    expect(metrics['stoppedEarly']).toBe(1);
    expect(metrics['updates']).toBeGreaterThan(1);
    expect(metrics['updates']).toBeLessThan(10);
    const far = await (await open({ options: { ...options, targetKl: 1e6 } })).learn(trees);
    expect(far.metrics).toMatchObject({ stoppedEarly: 0, updates: 10 });
  });
});

describe('micro-batches', () => {
  it('of any size make the update of one batch', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(1000),
        fc.constantFrom(1, 40, 64, 100, 200),
        fc.constantFrom('token-mean', 'sequence-mean', 'constant-length'),
        async (seed, tokenBudget, aggregation) => {
          const batch = [0, 1, 2].map((i) => randomCreditedTree(3 * seed + i, recipe));
          const constantLength = aggregation === 'constant-length' ? 7 : undefined;
          const settings = { learningRate: 0.01, aggregation, constantLength } as const;
          const whole = await open({ options: { ...settings, tokenBudget: 100_000 } });
          const parts = await open({ options: { ...settings, tokenBudget } });
          const [a, b] = [await whole.learn(batch), await parts.learn(batch)];
          for (const name of ['loss', 'gradientNorm', 'entropy', 'ratio'])
            expect(b.metrics[name]).toBeCloseTo(a.metrics[name]!, 5);
          const [x, y] = [flat(await weightsOf(whole)), flat(await weightsOf(parts))];
          for (const [i, value] of x.entries()) expect(y[i]).toBeCloseTo(value, 5);
        },
      ),
      { numRuns: 12 },
    );
  });

  it('give means over tokens as metrics, also with a constant length', async () => {
    const options = { aggregation: 'constant-length', constantLength: 1000 } as const;
    const { metrics } = await (await open({ options })).learn(trees);
    const { metrics: usual } = await (await open()).learn(trees);
    expect(metrics['ratio']).toBeCloseTo(1, 5);
    expect(metrics['entropy']).toBeCloseTo(usual['entropy']!, 5);
    expect(Math.abs(metrics['policyLoss']!)).toBeLessThan(Math.abs(usual['policyLoss']!) / 50);
  });
});

describe('a gradient that is not finite', () => {
  it('is skipped and counted, and changes neither weights nor version', async () => {
    const huge = Object.fromEntries(
      Object.entries(start).map(([name, { shape, data }]) => [
        name,
        { dtype: 'float32' as const, shape, data: Float32Array.from(data, (x) => x * Infinity) },
      ]),
    );
    const learner = await open({ start: huge, options: { klCoefficient: 0 } });
    const { metrics, policyVersion } = await learner.learn(trees);
    expect(metrics).toMatchObject({ updates: 0, skippedUpdates: 1 });
    expect(policyVersion).toBe('0');
    expect(flat(await weightsOf(learner))).toEqual(flat(huge));
  });
});

describe('the reference', () => {
  it('stays, or follows the policy by its decay', async () => {
    const frozen = await open();
    await frozen.learn(trees);
    expect(frozen.reference()).toBe(start);
    const moving = await open({ options: { referenceDecay: 0.9 } });
    await moving.learn(trees);
    const [now, reference] = [await weightsOf(moving), moving.reference()!];
    for (const [name, { data }] of Object.entries(reference)) {
      for (const [i, value] of data.entries())
        expect(value).toBeCloseTo(0.9 * start[name]!.data[i]! + 0.1 * now[name]!.data[i]!, 6);
    }
    expect(flat(reference)).not.toEqual(flat(start));
    const free = await open({ options: { klCoefficient: 0 } });
    expect(free.reference()).toBeUndefined();
  });

  it('goes on exactly from what it was', async () => {
    const options = { referenceDecay: 0.5, klCoefficient: 0.5 };
    const whole = await open({ options });
    await whole.learn(trees);
    const [snapshot, reference] = [await whole.snapshot(), whole.reference()!];
    await whole.learn(trees);
    const resumed = await open({ options, start: snapshot, reference, version: 1 });
    await resumed.learn(trees);
    expect(flat(await weightsOf(resumed))).toEqual(flat(await weightsOf(whole)));
    expect(flat(resumed.reference()!)).toEqual(flat(whole.reference()!));
  });

  it('in the reward pulls too', async () => {
    const reference = tinyParameters(2);
    const options = { klCoefficient: 1, klIn: 'reward', klEstimator: 'k2' } as const;
    const learner = await open({ reference, options });
    const { metrics } = await learner.learn(trees);
    const plain = await open({ reference, options: { klCoefficient: 0 } });
    await plain.learn(trees);
    expect(metrics['kl']).toBeGreaterThan(0);
    expect(flat(await weightsOf(learner))).not.toEqual(flat(await weightsOf(plain)));
  });
});

describe('an importance correction', () => {
  it('reports how far the sampler was, and measures the ratio from the learner itself', async () => {
    const options = { importanceCorrection: { level: 'token', mode: 'clip', high: 1.5 } } as const;
    const nats = Math.log(2);
    const { metrics } = await (await open({ options })).learn(shifted(nats));
    expect(metrics['samplerRatioMean']).toBeCloseTo(2, 4);
    expect(metrics['samplerRatioP95']).toBeCloseTo(2, 4);
    expect(metrics['samplerRatioOutside']).toBe(1);
    expect(metrics['maxRatioDeviation']).toBeCloseTo(1, 4);
    expect(metrics['ratio']).toBeCloseTo(1, 5);
    expect(metrics['maskedShare']).toBe(0);
    const plain = await (await open()).learn(trees);
    // Every ratio of 2 is cut to 1.5.
    expect(metrics['policyLoss']).toBeCloseTo(1.5 * plain.metrics['policyLoss']!, 4);
    const uncorrected = await (await open()).learn(shifted(nats));
    expect(uncorrected.metrics['samplerRatioOutside']).toBe(1);
    expect(uncorrected.metrics['ratio']).toBeCloseTo(2, 4);
  });

  it('can leave out what is too far', async () => {
    const options = { importanceCorrection: { level: 'sequence', mode: 'mask' } } as const;
    const learner = await open({
      options: { ...options, klCoefficient: 0, entropyCoefficient: 0 },
    });
    const { metrics } = await learner.learn(shifted(Math.log(3)));
    expect(metrics['maskedShare']).toBe(1);
    expect(metrics['gradientNorm']).toBe(0);
  });
});

describe('masking by entropy', () => {
  it('trains about the asked share of tokens', async () => {
    const { metrics } = await (await open({ options: { entropyShare: 0.3 } })).learn(trees);
    expect(metrics['maskedShare']).toBeGreaterThan(0.4);
    expect(metrics['maskedShare']).toBeLessThan(0.8);
  });
});

describe('staleness', () => {
  it('withholds turns over the bound, and tells how many', async () => {
    const learner = await open({ version: 2, options: { maxStaleness: 1 } });
    const { metrics, policyVersion } = await learner.learn(trees);
    expect(metrics).toMatchObject({ turns: 0, updates: 0, meanStaleness: 2, maxStaleness: 2 });
    expect(metrics['withheldTurns']).toBe(trees.reduce((sum, t) => sum + t.credits.length, 0));
    expect(policyVersion).toBe('2');
    const patient = await open({ version: 2, options: { maxStaleness: 2 } });
    expect((await patient.learn(trees)).metrics).toMatchObject({ withheldTurns: 0, updates: 1 });
  });
});

describe('shared turns as copies', () => {
  it('make the same update, from more', async () => {
    const [once, copies] = [await open(), await open({ options: { sharedTurns: 'copies' } })];
    const [a, b] = [await once.learn(trees), await copies.learn(trees)];
    expect(b.metrics['turns']).toBe(a.metrics['copies']);
    expect(b.metrics['turns']).toBeGreaterThan(a.metrics['turns']!);
    expect(b.metrics['loss']).toBeCloseTo(a.metrics['loss']!, 5);
    const [x, y] = [flat(await weightsOf(once)), flat(await weightsOf(copies))];
    for (const [i, value] of x.entries()) expect(y[i]).toBeCloseTo(value, 5);
  });
});

describe('rows that share their beginnings', () => {
  it('make the same update, from fewer tokens', async () => {
    const options = { klCoefficient: 0.1, epochs: 2, entropyShare: 0.5 };
    const [rows, tries] = [
      await open({ options }),
      await open({ options: { ...options, packing: 'tries' } }),
    ];
    const [a, b] = [await rows.learn(trees), await tries.learn(trees)];
    expect(b.metrics['paddedTokens']).toBeLessThan(a.metrics['paddedTokens']!);
    for (const name of ['loss', 'gradientNorm', 'kl', 'maskedShare'])
      expect(b.metrics[name]).toBeCloseTo(a.metrics[name]!, 5);
    const [x, y] = [flat(await weightsOf(rows)), flat(await weightsOf(tries))];
    for (const [i, value] of x.entries()) expect(y[i]).toBeCloseTo(value, 5);
  });

  it('need a model that can', async () => {
    const { parameters, vocabularySize, contextLength, inputs, prepare, logits } = tinyModel;
    const plain = { parameters, vocabularySize, contextLength, inputs, prepare, logits };
    await expect(open({ model: plain, options: { packing: 'tries' } })).rejects.toThrow(
      /this model cannot take rows that share their beginnings/,
    );
  });
});

describe('parameter groups', () => {
  it('reach the optimiser', async () => {
    const groups = [{ parameters: ['head'], rateScale: 0 }];
    const learner = await open({ options: { optimizer: { groups } } });
    await learner.learn(trees);
    const { embedding, head } = await weightsOf(learner);
    expect([...head!.data]).toEqual([...start['head']!.data]);
    expect([...embedding!.data]).not.toEqual([...start['embedding']!.data]);
  });
});

describe('what does not fit is refused', () => {
  it.each([
    [
      { ratio: 'path' },
      /sharedTurns: with ratio 'path' the copies of a shared turn have different/,
    ],
    [{ objective: 'cispo', ratio: 'sequence' }, /ratio: only the objective 'ppo'/],
    [{ aggregation: 'constant-length' }, /constantLength: is needed/],
    [{ constantLength: 5 }, /constantLength: is needed/],
    [{ klCoefficient: 0, referenceDecay: 0.9 }, /referenceDecay: says nothing/],
    [{ importanceCorrection: { low: 3 } }, /importanceCorrection.low: must be below high/],
    [{ entropyShare: 0 }, /entropyShare/],
    [{ epochs: 0 }, /epochs/],
  ] as const)('%j', async (options, message) => {
    await expect(open({ options: options })).rejects.toThrow(message);
  });

  it('log-probabilities that are too few, or no numbers, by the turn’s name', async () => {
    const [first] = trees;
    const broken = (change: (logProbs: Float32Array) => Float32Array): CreditedTree => {
      const turns = new Map(first!.tree.turns);
      const turn = turns.get('0' as never)!;
      const logProbs = change(turn.generation.logProbs);
      turns.set(turn.id, { ...turn, generation: { ...turn.generation, logProbs } });
      return { ...first!, tree: { ...first!.tree, turns } };
    };
    const learner = await open();
    const short = learner.learn([broken((logProbs) => logProbs.slice(1))]);
    await expect(short).rejects.toThrow(InvalidInputError);
    await expect(short).rejects.toThrow(
      /turn 0 of tree tree-1 has \d+ response tokens and \d+ log-probabilities/,
    );
    await expect(learner.learn([broken((logProbs) => logProbs.fill(NaN))])).rejects.toThrow(
      /turn 0 of tree tree-1 has the log-probability NaN/,
    );
    expect(learner.policyVersion()).toBe('0');
  });
});
