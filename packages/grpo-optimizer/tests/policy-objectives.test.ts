import { float64Ops, fromHost, type Float64Tensor } from '@spark-rl/tensor';
import fc from 'fast-check';

import {
  cispoObjective,
  clippedObjective,
  klEstimate,
  reinforceObjective,
  segmentTensors,
  sequenceRatio,
  tokenDivisor,
} from '../src/index.js';
import { evaluate } from './evaluate.js';

const vector = (...values: number[]): Float64Tensor => float64Ops.constant(values);
const list = ({ data }: { data: ArrayLike<number> }): number[] => Array.from(data);

describe('the objectives of a token', () => {
  const credit = { positive: vector(2, 2, 0, 2), negative: vector(0, -1, -1, -1) };

  it('cispo weighs log p by the cut ratio, whatever the sign of the credit', () => {
    const found = cispoObjective(float64Ops, vector(2, 0.5, 2, 1), vector(-1, -1, -3, -1), credit, {
      clipLow: 0.2,
      clipHigh: 0.3,
    });
    expect(list(found).map((x) => +x.toFixed(12))).toEqual([-2.6, -0.8, 3.9, -1]);
  });

  it('cispo keeps a gradient where clipping takes it away', () => {
    const slope = (objective: 'cispo' | 'ppo'): number =>
      evaluate(
        {
          name: 'slope',
          parameters: { logProb: [1] },
          inputs: {},
          run: (ops, parameters) => {
            const logProb = parameters['logProb']!;
            const ratio = ops.exp(ops.sub(logProb, ops.constant([-2])));
            const one = { positive: ops.constant([1]), negative: ops.constant([0]) };
            const range = { clipLow: 0.2, clipHigh: 0.2, dualClip: 3 };
            const value =
              objective === 'ppo'
                ? clippedObjective(ops, ratio, one, range)
                : cispoObjective(ops, ratio, logProb, one, range);
            return { loss: ops.sum(value, [0]), metrics: {} };
          },
        },
        { logProb: { dtype: 'float32', shape: [1], data: Float32Array.of(-1) } },
        {},
      )['gradient logProb']![0]!;
    expect(slope('ppo')).toBe(0);
    expect(slope('cispo')).toBeCloseTo(1.2, 12);
  });

  it('reinforce is the sum of advantages times log p', () => {
    expect(list(reinforceObjective(float64Ops, vector(-1, -2, -3, -4), credit))).toEqual([
      -2, -2, 3, -4,
    ]);
  });

  it('clipping without bounds is the importance-weighted policy gradient', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 50, noNaN: true }), (r) => {
        const found = clippedObjective(float64Ops, vector(r, r, r, r), credit, {
          clipLow: 1,
          clipHigh: Infinity,
          dualClip: Infinity,
        });
        [2 * r, r, -r, r].forEach((value, i) => expect(found.data[i]).toBeCloseTo(value, 9));
      }),
    );
  });
});

describe('the ratio of a sequence', () => {
  const ratios = (differences: number[], lengths: number[]): number[] => {
    const inputs = Object.fromEntries(
      Object.entries(segmentTensors(lengths, differences.length)).map(([name, tensor]) => [
        name,
        fromHost(tensor),
      ]),
    );
    return list(sequenceRatio(float64Ops, vector(...differences), inputs));
  };

  it('is the geometric mean of those of its tokens', () => {
    const found = ratios([Math.log(2), Math.log(8), Math.log(3), 0.1, -0.1, 0.3, 0], [2, 1, 3]);
    [4, 4, 3, Math.exp(0.1), Math.exp(0.1), Math.exp(0.1)].forEach((value, i) =>
      expect(found[i]).toBeCloseTo(value, 6),
    );
  });

  it('of one token each is the ratio of the token', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 1, maxLength: 40 }),
        (differences) => {
          const found = ratios(
            differences,
            differences.map(() => 1),
          );
          differences.forEach((x, i) => expect(found[i]).toBeCloseTo(Math.exp(x), 9));
        },
      ),
    );
  });
});

describe('estimates of the KL divergence', () => {
  const estimate = (kind: 'k1' | 'k2' | 'k3' | 'absolute', d: number, clamp = 10): number =>
    klEstimate(float64Ops, kind, vector(-1), vector(-1 + d), clamp).data[0]!;

  it.each([
    ['k1', 0.5, -0.5],
    ['k1', -0.5, 0.5],
    ['k2', 0.5, 0.125],
    ['k3', 0.5, Math.exp(0.5) - 1.5],
    ['absolute', -0.5, 0.5],
  ] as const)('%s at log ref - log p = %d', (kind, d, expected) => {
    expect(estimate(kind, d)).toBeCloseTo(expected, 12);
  });

  it('are cut on both sides, and not at all with Infinity', () => {
    expect(estimate('k1', 3, 0.5)).toBe(-0.5);
    expect(estimate('k1', -3, 0.5)).toBe(0.5);
    expect(estimate('k2', 3, 0.5)).toBe(0.5);
    expect(estimate('k2', 8, Infinity)).toBe(32);
  });

  it('k1 and k3 have the divergence as their mean; k3 is never negative', () => {
    const distribution = fc
      .array(fc.double({ min: 0.05, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 })
      .map((weights) => weights.map((w) => w / weights.reduce((a, b) => a + b, 0)));
    fc.assert(
      fc.property(distribution, distribution, (p, q) => {
        const mean = (kind: 'k1' | 'k3'): number =>
          p.reduce((sum, x, i) => {
            const k = klEstimate(
              float64Ops,
              kind,
              vector(Math.log(x)),
              vector(Math.log(q[i]!)),
              99,
            );
            if (kind === 'k3') expect(k.data[0]).toBeGreaterThanOrEqual(-1e-12);
            return sum + x * k.data[0]!;
          }, 0);
        const divergence = p.reduce((sum, x, i) => sum + x * Math.log(x / q[i]!), 0);
        expect(mean('k1')).toBeCloseTo(divergence, 9);
        expect(mean('k3')).toBeCloseTo(divergence, 9);
      }),
    );
  });
});

describe('aggregation', () => {
  const responses = [
    { weight: 1, length: 2 },
    { weight: 0.5, length: 8 },
  ];
  const terms = [
    [1, 2],
    [3, 3, 3, 3, 3, 3, 3, 3],
  ];
  const aggregate = (divisorOf: ReturnType<typeof tokenDivisor>): number =>
    responses.reduce((sum, response, i) => {
      const whole = terms[i]!.reduce((a, b) => a + b, 0);
      return sum + (response.weight * whole) / divisorOf(response);
    }, 0);

  it.each([
    // Sums: 1 * 3 and 0.5 * 24; 6 weighted tokens; weights 1.5.
    ['token-mean', undefined, 15 / 6],
    ['sequence-mean', undefined, (1.5 + 0.5 * 3) / 1.5],
    ['constant-length', 10, 15 / (1.5 * 10)],
  ] as const)('%s', (aggregation, constantLength, expected) => {
    expect(aggregate(tokenDivisor(aggregation, responses, constantLength))).toBeCloseTo(
      expected,
      12,
    );
  });
});
