import { randomSource, type CreditedTree } from '@spark-rl/core';
import {
  float64Ops,
  type Float64Tensor,
  type HostTensor,
  type LossProgram,
  type Named,
  type TensorOps,
} from '@spark-rl/tensor';
import fc from 'fast-check';

import {
  clippedObjective,
  grpoLoss,
  isClipped,
  klEstimate,
  microBatches,
  packTurns,
  trainingRow,
  type GrpoLossSettings,
} from '../src/index.js';
import { evaluate } from './evaluate.js';
import {
  randomCreditedTree,
  tinyLogProb,
  tinyModel,
  tinyParameters,
  VOCABULARY,
} from './fixtures.js';

const scalar = (value: number): Float64Tensor => float64Ops.constant(value);
const vector = (...values: number[]): Float64Tensor => float64Ops.constant(values);
const clip = { clipLow: 0.2, clipHigh: 0.2, dualClip: 3 };

describe('clippedObjective', () => {
  const objective = (r: number, positive: number, negative: number, range = clip): number =>
    clippedObjective(
      float64Ops,
      vector(r),
      { positive: vector(positive), negative: vector(negative) },
      range,
    ).data[0]!;

  it.each([
    [1, 2, -0.5, 1.5],
    [1.1, 2, 0, 2.2],
    [1.5, 2, 0, 2.4],
    [0.5, 2, 0, 1],
    [0.5, 0, -1, -0.8],
    [1.5, 0, -1, -1.5],
    [5, 0, -1, -3],
    [5, 2, -1, 2 * 1.2 - 3],
  ])('at r = %d with P = %d and Q = %d is %d', (r, positive, negative, expected) => {
    expect(objective(r, positive, negative)).toBeCloseTo(expected, 12);
  });

  it('has no floor under bad tokens when there is no dual clip', () => {
    expect(objective(5, 0, -1, { ...clip, dualClip: Infinity })).toBe(-5);
  });

  it('equals the sum over copies of min(r A, clip(r) A), with dual clip', () => {
    const copy = fc.record({
      advantage: fc.double({ min: -3, max: 3, noNaN: true }),
      weight: fc.double({ min: 0.01, max: 2, noNaN: true }),
    });
    fc.assert(
      fc.property(
        fc.array(copy, { minLength: 1, maxLength: 6 }),
        fc.double({ min: 0.01, max: 6, noNaN: true }),
        fc.constantFrom(3, 1.5, Infinity),
        (copies, r, dualClip) => {
          const rows = copies.map(({ advantage, weight }) => {
            const clipped = Math.min(Math.max(r, 0.8), 1.2);
            const surrogate = Math.min(r * advantage, clipped * advantage);
            return weight * (advantage < 0 ? Math.max(surrogate, dualClip * advantage) : surrogate);
          });
          const positive = copies.reduce((sum, c) => sum + c.weight * Math.max(c.advantage, 0), 0);
          const negative = copies.reduce((sum, c) => sum + c.weight * Math.min(c.advantage, 0), 0);
          expect(objective(r, positive, negative, { ...clip, dualClip })).toBeCloseTo(
            rows.reduce((a, b) => a + b, 0),
            10,
          );
        },
      ),
    );
  });

  it('says which tokens are clipped', () => {
    const ratios = [1, 1.3, 1.3, 0.7, 0.7, 4, 4];
    const positive = vector(1, 1, 0, 1, 0, 0, 0);
    const negative = vector(-1, 0, -1, 0, -1, -1, 0);
    const flags = isClipped(float64Ops, vector(...ratios), { positive, negative }, clip).data;
    expect([...flags]).toEqual([0, 1, 0, 0, 1, 1, 0]);
  });
});

describe('k3', () => {
  it('is exp(d) - d - 1 of the difference to the reference, never negative, at most 10', () => {
    const values = klEstimate(
      float64Ops,
      'k3',
      vector(-1, -1, -1, -90),
      vector(-1, -0.5, -2, -1),
      10,
    ).data;
    expect(values[0]).toBe(0);
    expect(values[1]).toBeCloseTo(Math.exp(0.5) - 1.5, 12);
    expect(values[2]).toBeCloseTo(Math.exp(-1) + 1 - 1, 12);
    expect(values[3]).toBe(10);
  });
});

const settings: GrpoLossSettings = {
  ...clip,
  temperature: 0.7,
  klCoefficient: 0.05,
  entropyCoefficient: 0.02,
};

/** The same loss from its definition: every copy a row of its own, with advantage and weight, nothing collapsed. */
const naiveLoss = (chosenSettings: GrpoLossSettings): LossProgram => ({
  name: 'naive',
  parameters: tinyModel.parameters,
  inputs: {
    ...tinyModel.inputs,
    at: { dtype: 'int32', shape: ['target'] },
    next: { dtype: 'int32', shape: ['target'] },
    old: { dtype: 'float32', shape: ['target'] },
    reference: { dtype: 'float32', shape: ['target'] },
    advantage: { dtype: 'float32', shape: ['target'] },
    weight: { dtype: 'float32', shape: ['target'] },
  },
  run: <T>(ops: TensorOps<T>, parameters: Named<T>, inputs: Named<T>) => {
    const number = (value: number): T => ops.constant(value);
    const all = ops.logSoftmax(
      ops.div(
        tinyModel.logits(ops, parameters, inputs, inputs['at']!),
        number(chosenSettings.temperature),
      ),
    );
    const chosen = ops.sum(ops.mul(ops.oneHot(inputs['next']!, VOCABULARY), all), [1]);
    const ratio = ops.exp(ops.sub(chosen, inputs['old']!));
    const clipped = ops.minimum(
      ops.maximum(ratio, number(1 - chosenSettings.clipLow)),
      number(1 + chosenSettings.clipHigh),
    );
    const advantage = inputs['advantage']!;
    const plain = ops.minimum(ops.mul(ratio, advantage), ops.mul(clipped, advantage));
    const floored = ops.maximum(plain, ops.mul(number(chosenSettings.dualClip), advantage));
    const objective = ops.where(ops.less(advantage, number(0)), floored, plain);
    const d = ops.sub(inputs['reference']!, chosen);
    const kl = ops.minimum(ops.sub(ops.sub(ops.exp(d), d), number(1)), number(10));
    const entropy = ops.neg(
      ops.sum(
        ops.mul(
          ops.softmax(
            ops.div(
              tinyModel.logits(ops, parameters, inputs, inputs['at']!),
              number(chosenSettings.temperature),
            ),
          ),
          all,
        ),
        [1],
      ),
    );
    const perToken = ops.add(
      ops.neg(objective),
      ops.sub(
        ops.mul(number(chosenSettings.klCoefficient), kl),
        ops.mul(number(chosenSettings.entropyCoefficient), entropy),
      ),
    );
    const weight = inputs['weight']!;
    const loss = ops.div(ops.sum(ops.mul(weight, perToken), [0]), ops.sum(weight, [0]));
    return { loss, metrics: {} };
  },
});

const int = (data: number[]): HostTensor => ({
  dtype: 'int32',
  shape: [data.length],
  data: Int32Array.from(data),
});
const float = (data: number[]): HostTensor => ({
  dtype: 'float32',
  shape: [data.length],
  data: Float32Array.from(data),
});

function naiveInputs(
  trees: readonly CreditedTree[],
  referenceAt: (token: number, next: number) => number,
): Named<HostTensor> {
  const rows = trees.flatMap(({ tree, credits }) =>
    credits.flatMap(({ node, copies }) => {
      const { promptTokens, responseTokens, logProbs } = tree.turns.get(node)!.generation;
      return copies.flatMap(({ advantage, weight }) =>
        [...responseTokens].map((next, i) => ({
          token: responseTokens[i - 1] ?? promptTokens.at(-1)!,
          next,
          old: logProbs[i]!,
          advantage,
          weight,
        })),
      );
    }),
  );
  return {
    tokens: {
      dtype: 'int32',
      shape: [1, rows.length],
      data: Int32Array.from(rows, ({ token }) => token),
    },
    at: int([...rows.keys()]),
    next: int(rows.map(({ next }) => next)),
    old: float(rows.map(({ old }) => old)),
    reference: float(rows.map(({ token, next }) => referenceAt(token, next))),
    advantage: float(rows.map(({ advantage }) => advantage)),
    weight: float(rows.map(({ weight }) => weight)),
  };
}

describe('grpoLoss', () => {
  it('trains a shared turn once with exactly the loss and gradient of all its copies', () => {
    fc.assert(
      fc.property(fc.nat(10_000), fc.boolean(), fc.boolean(), (seed, appendOnly, small) => {
        const [now, old, reference] = [0, 1, 2].map((i) => tinyParameters(3 * seed + i, 0.5));
        const { temperature } = settings;
        const noise = randomSource(['noise', seed]);
        const trees = [0, 1].map((i) =>
          randomCreditedTree(2 * seed + i, {
            appendOnly,
            // Old log-probabilities near the present ones as well as far away: clipped and not.
            logProb: (token, next) =>
              tinyLogProb(small ? now! : old!, token, next, temperature) + 0.2 * noise.normal(),
          }),
        );
        const referenceAt = (token: number, next: number): number =>
          tinyLogProb(reference!, token, next, temperature);
        const copies = naiveInputs(trees, referenceAt);
        const naive = evaluate(naiveLoss(settings), now!, copies);
        // Credits of opposite signs may cancel almost to nothing; rounding is relative to what they were before.
        const advantage = float([...copies['advantage']!.data].map(Math.abs));
        const uncancelled = evaluate(naiveLoss(settings), now!, { ...copies, advantage });

        const program = grpoLoss(tinyModel, settings);
        const rows = packTurns(trees);
        if (rows.length === 0) return;
        // Several micro-batches: their losses and gradients add up.
        const sums: Record<string, Float64Array> = {};
        for (const { inputs, targetCount } of microBatches(
          tinyModel,
          rows.map((row) => trainingRow(row)),
          { tokenBudget: 96 },
        )) {
          const tokens = inputs['tokens']!.data;
          const at = inputs['targetPositions']!.data;
          const next = inputs['targetTokens']!.data;
          const referenceLogProbs = float(
            [...at].map((p, i) => (i < targetCount ? referenceAt(tokens[p]!, next[i]!) : 0)),
          );
          const found = evaluate(program, now!, { ...inputs, referenceLogProbs });
          for (const [name, data] of Object.entries(found))
            sums[name] = data.map((value, i) => value + (sums[name]?.[i] ?? 0));
        }
        for (const name of ['loss', 'gradient embedding', 'gradient head']) {
          // Weights and credits are rounded to float32 on their way in.
          const size = Math.max(
            ...naive[name]!.map(Math.abs),
            ...uncancelled[name]!.map(Math.abs),
            1e-3,
          );
          for (const [i, value] of naive[name]!.entries()) {
            expect(Math.abs(sums[name]![i]! - value) / size).toBeLessThan(3e-6);
          }
        }
      }),
      { numRuns: 40, examples: [[9051, false, false]] },
    );
  });

  it('gives hand-computed numbers where the model knows nothing', () => {
    const uniform = Object.fromEntries(
      Object.entries(tinyParameters(0)).map(([name, { shape }]) => [
        name,
        { dtype: 'float32' as const, shape, data: new Float32Array(21) },
      ]),
    );
    // Every token has probability 1/7; it was sampled with probability 1/5, so r = 5/7 < 0.8; the reference says 1/3.
    const tree = randomCreditedTree(5, { appendOnly: true, logProb: () => -Math.log(5) });
    const credits = tree.credits.map((credit) => ({
      ...credit,
      copies: [{ advantage: -2, weight: 0.5 }],
    }));
    const [batch] = microBatches(
      tinyModel,
      packTurns([{ ...tree, credits }]).map((row) => trainingRow(row)),
      { tokenBudget: 10_000 },
    );
    const n = batch!.inputs['weight']!.data.length;
    const referenceLogProbs = float(Array.from({ length: n }, () => -Math.log(3)));
    const found = evaluate(grpoLoss(tinyModel, settings), uniform, {
      ...batch!.inputs,
      referenceLogProbs,
    });
    const kl = 7 / 3 - Math.log(7 / 3) - 1;
    expect(found['metric ratio']![0]).toBeCloseTo(5 / 7, 6);
    expect(found['metric ratioDeviation']![0]).toBeCloseTo(2 / 7, 6);
    expect(found['metric clipRatio']![0]).toBeCloseTo(1, 6);
    expect(found['metric entropy']![0]).toBeCloseTo(Math.log(7), 6);
    expect(found['metric kl']![0]).toBeCloseTo(kl, 6);
    expect(found['metric policyLoss']![0]).toBeCloseTo(2 * 0.8, 6);
    expect(found['loss']![0]).toBeCloseTo(1.6 + 0.05 * kl - 0.02 * Math.log(7), 6);
  });

  it('has no input for a reference when KL weighs nothing', () => {
    const program = grpoLoss(tinyModel, { ...settings, klCoefficient: 0 });
    expect(program.inputs).not.toHaveProperty('referenceLogProbs');
    expect(scalar(1).shape).toEqual([]);
  });
});
