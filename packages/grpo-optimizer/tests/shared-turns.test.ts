import { pathTo, randomSource, type CreditedTree, type NodeId } from '@spark-rl/core';
import fc from 'fast-check';

import { grpoOptionsSchema, packCopies, type GrpoOptions } from '../src/index.js';
import { randomCreditedTree, tinyLogProb, tinyParameters } from './fixtures.js';
import { preparedGradient, type TinyPolicies } from './prepared-gradient.js';

const objectives: readonly GrpoOptions[] = [
  { clipLow: 0.1, clipHigh: 0.3, dualClip: 1.5 },
  { clipLow: 1, clipHigh: Infinity, dualClip: Infinity },
  { ratio: 'sequence', aggregation: 'sequence-mean' },
  { objective: 'cispo', clipLow: 0.2, aggregation: 'constant-length', constantLength: 5 },
  { objective: 'reinforce' },
  { importanceCorrection: { level: 'token', mode: 'clip', high: 1.2 } },
  { importanceCorrection: { level: 'sequence', mode: 'mask', low: 0.6, high: 1.6 } },
  { entropyShare: 0.4 },
];
const pulls: readonly GrpoOptions[] = [
  { klCoefficient: 0 },
  { klCoefficient: 0.1, klEstimator: 'k2', entropyCoefficient: 0.05 },
  { klCoefficient: 0.1, klEstimator: 'absolute', klClamp: 0.2 },
  { klCoefficient: 0.1, klEstimator: 'k1', klIn: 'reward' },
  { klCoefficient: 0.1, klEstimator: 'k3', klIn: 'reward' },
];

/** The weights of design section 6, for the k copies of a turn, each from a leaf. */
const weightings: Readonly<
  Record<string, (credited: CreditedTree, node: NodeId, copy: number) => number>
> = {
  sum: () => 1,
  mean: ({ credits }, node) => 1 / credits.find((credit) => credit.node === node)!.copies.length,
  reach: ({ tree, credits }, node, copy) => {
    const { leaf } = credits.find((credit) => credit.node === node)!.copies[copy]!;
    const { tail } = tree.leaves.find(({ id }) => id === leaf)!;
    return pathTo(tree, tail!)
      .slice(0, -1)
      .reduce((product, turn) => product / turn.grantedWidth, 1);
  },
};

const reweighted = (
  credited: CreditedTree,
  weightOf: (typeof weightings)[string],
): CreditedTree => ({
  ...credited,
  credits: credited.credits.map((credit) => ({
    ...credit,
    copies: credit.copies.map((copy, i) => ({
      ...copy,
      weight: weightOf(credited, credit.node, i),
    })),
  })),
});

const policiesOf = (seed: number): TinyPolicies => ({
  now: tinyParameters(3 * seed, 0.5),
  old: tinyParameters(3 * seed + 1, 0.5),
  reference: tinyParameters(3 * seed + 2, 0.5),
  temperature: 0.8,
});

const treesOf = (seed: number, { now, temperature }: TinyPolicies): CreditedTree[] => {
  const noise = randomSource(['noise', seed]);
  return [0, 1].map((i) =>
    randomCreditedTree(2 * seed + i, {
      appendOnly: i === 0,
      logProb: (token, next) => tinyLogProb(now, token, next, temperature) + 0.3 * noise.normal(),
    }),
  );
};

describe('a shared turn trained once', () => {
  it.each(Object.keys(weightings))('equals its copies with weights %s', (name) => {
    fc.assert(
      fc.property(
        fc.nat(10_000),
        fc.constantFrom(...objectives),
        fc.constantFrom(...pulls),
        (seed, objective, pull) => {
          const policies = policiesOf(seed);
          const trees = treesOf(seed, policies).map((each) => reweighted(each, weightings[name]!));
          if (packCopies(trees).length === 0) return;
          const options = { entropyCoefficient: 0, ...objective, ...pull };
          const once = preparedGradient(trees, options, policies);
          const copies = preparedGradient(trees, { ...options, sharedTurns: 'copies' }, policies);
          // Credits of opposite signs may cancel; rounding of the inputs is relative to what they were before.
          const largest = trees.map(({ credits, ...each }) => ({
            ...each,
            credits: credits.map((credit) => ({
              ...credit,
              copies: credit.copies.map((copy) => ({
                ...copy,
                advantage: Math.abs(copy.advantage),
              })),
            })),
          }));
          const before = preparedGradient(largest, { ...options, ...objectives[1] }, policies);
          for (const part of ['loss', 'gradient embedding', 'gradient head']) {
            const size = Math.max(
              ...before[part]!.map(Math.abs),
              ...copies[part]!.map(Math.abs),
              1e-3,
            );
            for (const [i, value] of copies[part]!.entries())
              expect(Math.abs(once[part]![i]! - value) / size).toBeLessThan(3e-6);
          }
        },
      ),
      { numRuns: 15 },
    );
  });

  it('is refused for the ratio of paths, with the reason', () => {
    expect(() => grpoOptionsSchema.parse({ ratio: 'path' })).toThrow(
      /the copies of a shared turn have different ratios, one for each path/,
    );
    expect(grpoOptionsSchema.parse({ ratio: 'path', sharedTurns: 'copies' }).ratio).toBe('path');
  });
});

describe('a ratio of paths', () => {
  const policies = policiesOf(1);
  const [appended] = treesOf(1, policies);
  const windowed = randomCreditedTree(5, { appendOnly: false });

  it('needs each path in one row', () => {
    const rows = packCopies([appended!], { wholePaths: true });
    const leaves = new Set(
      appended!.credits.flatMap(({ copies }) => copies.map(({ leaf }) => leaf)),
    );
    expect(rows.length).toBe(leaves.size);
    expect(() => packCopies([windowed], { wholePaths: true })).toThrow(
      /turn \S+ of tree tree-5 does not begin with the tokens of the turn before/,
    );
  });

  it('needs credits by leaf', () => {
    const credits = appended!.credits.map((credit) => ({
      ...credit,
      copies: [{ advantage: 1, weight: 1 }],
    }));
    expect(packCopies([{ ...appended!, credits }]).length).toBe(credits.length);
    expect(() => packCopies([{ ...appended!, credits }], { wholePaths: true })).toThrow(
      /turn \S+ of tree \S+ is credited as a whole, so it belongs to no one path/,
    );
  });
});

describe('KL in the reward', () => {
  it('by k1 has the gradient of k2 in the loss, on the policy’s own samples', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.constantFrom('ppo', 'reinforce', 'cispo'), (seed, objective) => {
        const { now, reference, temperature } = policiesOf(seed);
        const policies = { now, old: now, reference, temperature };
        const trees = [
          randomCreditedTree(seed, {
            appendOnly: true,
            logProb: (token, next) => tinyLogProb(now, token, next, temperature),
          }),
        ];
        if (packCopies(trees).length === 0) return;
        const base: GrpoOptions = {
          objective: objective,
          klCoefficient: 0.3,
          entropyCoefficient: 0,
          klClamp: Infinity,
        };
        const inReward = preparedGradient(
          trees,
          { ...base, klIn: 'reward', klEstimator: 'k1' },
          policies,
        );
        const inLoss = preparedGradient(trees, { ...base, klEstimator: 'k2' }, policies);
        for (const part of ['gradient embedding', 'gradient head']) {
          const size = Math.max(...inLoss[part]!.map(Math.abs), 0.01);
          for (const [i, value] of inLoss[part]!.entries())
            expect(Math.abs(inReward[part]![i]! - value) / size).toBeLessThan(1e-5);
        }
      }),
      { numRuns: 20 },
    );
  });
});
