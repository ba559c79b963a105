import fc from 'fast-check';

import {
  averageReference,
  correctionWeights,
  entropyThreshold,
  packTurns,
  samplerDrift,
  stalenessOf,
  trainingRow,
  withholdStale,
} from '../src/index.js';
import { randomCreditedTree } from './fixtures.js';

const logs = (...ratios: number[]): number[] => ratios.map(Math.log);
const sampled = [-1, -1, -1, -1];
const now = (...ratios: number[]): number[] => logs(...ratios).map((x, i) => x + sampled[i]!);
const settings = { low: 0.5, high: 2 };

describe('the importance correction', () => {
  const weights = (level: 'token' | 'sequence', mode: 'clip' | 'mask', ...ratios: number[]) =>
    [...correctionWeights(now(...ratios), sampled, { ...settings, level, mode })].map(
      (x) => +x.toFixed(9),
    );

  it('cuts what is large, token by token', () => {
    expect(weights('token', 'clip', 1.5, 3, 0.1, 1)).toEqual([1.5, 2, 0.1, 1]);
  });

  it('leaves out what lies outside, token by token', () => {
    expect(weights('token', 'mask', 1.5, 3, 0.1, 1)).toEqual([1.5, 0, 0, 1]);
  });

  it('takes the product over a sequence', () => {
    expect(weights('sequence', 'clip', 1.5, 0.5, 2, 1)).toEqual([1.5, 1.5, 1.5, 1.5]);
    expect(weights('sequence', 'clip', 1.5, 2, 2, 1)).toEqual([2, 2, 2, 2]);
    expect(weights('sequence', 'mask', 1.5, 2, 2, 1)).toEqual([0, 0, 0, 0]);
    expect(weights('sequence', 'mask', 0.5, 0.5, 1, 1)).toEqual([0, 0, 0, 0]);
  });

  it('is 1 for the same policy', () => {
    for (const level of ['token', 'sequence'] as const) {
      for (const mode of ['clip', 'mask'] as const)
        expect(weights(level, mode, 1, 1, 1, 1)).toEqual([1, 1, 1, 1]);
    }
  });
});

describe('how far the sampler is', () => {
  it('is told by mean, 95th percentile, share outside 0.9 to 1.1, and the largest', () => {
    // Twenty tokens: 17 at 1, and 0.5, 1.2, 2. The 19th in order is 1.2.
    const ratios = [...Array.from({ length: 17 }, () => 1), 0.5, 1.2, 2];
    const drift = samplerDrift(logs(...ratios));
    expect(drift.mean).toBeCloseTo(20.7 / 20, 12);
    expect(drift.p95).toBeCloseTo(1.2, 12);
    expect(drift.outside).toBeCloseTo(3 / 20, 12);
    expect(drift.largest).toBeCloseTo(1, 12);
    expect(samplerDrift([])).toEqual({ mean: 0, p95: 0, outside: 0, largest: 0 });
  });
});

describe('the entropy threshold', () => {
  const tokens = [0.1, 0.9, 0.5, 0.7, 0.3].map((entropy) => ({ entropy, weight: 1 }));

  it('keeps the highest share', () => {
    expect(entropyThreshold(tokens, 0.2)).toBe(0.9);
    expect(entropyThreshold(tokens, 0.4)).toBe(0.7);
    expect(entropyThreshold(tokens, 0.41)).toBe(0.5);
    expect(entropyThreshold(tokens, 1)).toBe(-Infinity);
    expect(entropyThreshold([], 0.5)).toBe(-Infinity);
  });

  it('counts a token of weight k as k tokens', () => {
    const token = fc.record({
      entropy: fc.double({ min: 0, max: 3, noNaN: true }),
      weight: fc.integer({ min: 1, max: 4 }),
    });
    fc.assert(
      fc.property(
        fc.array(token, { minLength: 1, maxLength: 30 }),
        fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        (weighed, share) => {
          const copies = weighed.flatMap(({ entropy, weight }) =>
            Array.from({ length: weight }, () => ({ entropy, weight: 1 })),
          );
          expect(entropyThreshold(weighed, share)).toBe(entropyThreshold(copies, share));
        },
      ),
    );
  });
});

describe('staleness', () => {
  const credited = randomCreditedTree(1, { appendOnly: true });
  const sampledBy = (policyVersion: string, node: string) => {
    const turns = new Map(credited.tree.turns);
    const turn = turns.get(node as never)!;
    turns.set(turn.id, { ...turn, generation: { ...turn.generation, policyVersion } });
    return { ...credited, tree: { ...credited.tree, turns } };
  };

  it('is the learner’s version less the sampler’s', () => {
    const { tree } = sampledBy('3', '0');
    expect(stalenessOf('t', tree.turns.get('0' as never)!, 5)).toBe(2);
  });

  it('withholds the credits of turns over the bound, and no others', () => {
    // All turns were sampled by version 0, but for the first root.
    const fresh = withholdStale([sampledBy('3', '0')], 1, 4);
    expect(fresh.trees[0]!.credits.map(({ node }) => node)).toEqual(['0']);
    const withheld = credited.credits.filter(({ node }) => node !== '0');
    expect(fresh.metrics).toEqual({
      withheldTurns: withheld.length,
      withheldTokens: withheld.reduce(
        (sum, { node }) => sum + credited.tree.turns.get(node)!.generation.responseTokens.length,
        0,
      ),
      meanStaleness: (1 + 4 * withheld.length) / (1 + withheld.length),
      maxStaleness: 4,
    });
    expect(withheld.length).toBeGreaterThan(0);
    expect(withholdStale([credited], 4, 4).trees[0]!.credits).toEqual(credited.credits);
  });

  it.each(['7', 'gpt', '1.5', ''])(
    'refuses the version "%s" at version 5, naming the turn',
    (v) => {
      expect(() => withholdStale([sampledBy(v, '0')], 9, 5)).toThrow(
        /turn 0 of tree tree-1 was sampled by version ".*", the learner is at 5/,
      );
    },
  );
});

describe('the moving reference', () => {
  const tensor = (...data: number[]) => ({
    w: { dtype: 'float32' as const, shape: [data.length], data: Float32Array.from(data) },
  });

  it('goes the rest of the way that decay leaves', () => {
    expect([...averageReference(tensor(1, 2), tensor(3, -2), 0.75)['w']!.data]).toEqual([1.5, 1]);
    expect([...averageReference(tensor(1, 2), tensor(3, -2), 0)['w']!.data]).toEqual([3, -2]);
  });
});

describe('credits over the tokens of a row', () => {
  it('a penalty is taken off the advantage of every copy, a factor multiplies what is left', () => {
    const credited = randomCreditedTree(1, { appendOnly: false });
    const [credit] = credited.credits;
    const copies = [
      { advantage: 1, weight: 0.5 },
      { advantage: -1, weight: 0.25 },
    ];
    const [row] = packTurns([{ ...credited, credits: [{ ...credit!, copies }] }]);
    const n = row!.targets.length;
    const all = (value: number) => Array.from({ length: n }, () => value);
    const plain = trainingRow(row!);
    expect([plain.positive[0], plain.negative[0]]).toEqual([0.5, -0.25]);
    // A penalty of 3 makes both advantages negative: -2 and -4.
    const penalised = trainingRow(row!, { penalty: all(3), factor: all(2) });
    expect([penalised.positive[0], penalised.negative[0]]).toEqual([0, 2 * (0.5 * -2 + 0.25 * -4)]);
    // A negative one (k1 of a token that the reference likes better) makes both positive.
    const rewarded = trainingRow(row!, { penalty: all(-2) });
    expect([rewarded.positive[0], rewarded.negative[0]]).toEqual([0.5 * 3 + 0.25 * 1, 0]);
  });
});
