import {
  childrenOf,
  type AdvantageEstimator,
  type CreditCopy,
  type Leaf,
  type Tree,
} from '@spark-rl/core';
import fc from 'fast-check';

import {
  drGrpo,
  estimateBatch,
  leafStatistics,
  rloo,
  siblingLocal,
  spoEdge,
  treeGrpo,
} from '../src/index.js';
import { everyEstimator } from './every-estimator.js';
import { randomTree } from './trees.js';

const byScore = (leaf: Leaf): number => leaf.score;
/** Scores reach from -3 to 3. */
const positive = (leaf: Leaf): number => leaf.score + 4;

function credits(
  estimator: AdvantageEstimator,
  trees: readonly Tree[],
): Map<string, readonly CreditCopy[]> {
  return new Map(
    estimateBatch(estimator, [trees]).flatMap(({ tree, credits: found }) =>
      found.map(({ node, copies }) => [`${tree.id} ${node}`, copies]),
    ),
  );
}

function expectClose(
  actual: Map<string, readonly CreditCopy[]>,
  expected: Map<string, readonly CreditCopy[]>,
  factor = 1,
): void {
  expect([...actual.keys()]).toEqual([...expected.keys()]);
  for (const [node, copies] of expected) {
    const found = actual.get(node)!;
    expect(found.map(({ leaf }) => leaf)).toEqual(copies.map(({ leaf }) => leaf));
    for (const [i, { advantage, weight }] of copies.entries()) {
      const scale = Math.max(1, Math.abs(factor * advantage));
      expect(Math.abs(found[i]!.advantage - factor * advantage) / scale).toBeLessThan(1e-6);
      expect(found[i]!.weight).toBeCloseTo(weight, 12);
    }
  }
}

describe.each(Object.entries(everyEstimator))('%s', (_, kind) => {
  const reward = kind.positive === true ? positive : byScore;
  const base = { reward, invalidPenalty: 0 };

  it('answers to a shift and a scaling of the rewards as it should', () => {
    fc.assert(
      fc.property(
        randomTree,
        fc.integer({ min: -20, max: 20 }),
        fc.constantFrom(0.25, 2, 8),
        (random, shift, scale) => {
          const expected = credits(kind.make(base), [random]);
          if (kind.shiftFree) {
            const shifted = kind.make({ ...base, reward: (leaf) => reward(leaf) + shift });
            expectClose(credits(shifted, [random]), expected);
          }
          if (kind.scaled === 'neither') return;
          const scaled = kind.make({ ...base, reward: (leaf) => reward(leaf) * scale });
          expectClose(
            credits(scaled, [random]),
            expected,
            kind.scaled === 'advantages' ? scale : 1,
          );
        },
      ),
      { numRuns: 60 },
    );
  });

  it('does not care in which order leaves and turns stand', () => {
    fc.assert(
      fc.property(randomTree, (random) => {
        const reversed: Tree = { ...random, leaves: [...random.leaves].reverse() };
        const expected = credits(kind.make(base), [random]);
        const actual = credits(kind.make(base), [reversed]);
        const sorted = (copies: readonly CreditCopy[]): CreditCopy[] =>
          [...copies].sort((a, b) => ((a.leaf ?? '') < (b.leaf ?? '') ? -1 : 1));
        expectClose(
          new Map([...actual].map(([node, copies]) => [node, sorted(copies)])),
          new Map([...expected].map(([node, copies]) => [node, sorted(copies)])),
        );
      }),
      { numRuns: 60 },
    );
  });

  it('gives equal rewards exactly no advantage, and every turn of a completed leaf positive weights', () => {
    fc.assert(
      fc.property(randomTree, (random) => {
        // The tags of RLVMR earn something of their own, and discounting prefers short ways.
        const constant = kind.make({ ...base, reward: () => 0 });
        const found = credits(constant, [random]);
        const own = constant.id === 'rlvmr';
        for (const copies of found.values()) {
          for (const { advantage, weight } of copies) {
            if (!own) expect(Math.abs(advantage)).toBe(0);
            expect(weight).toBeGreaterThan(0);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('fines an invalid turn by its penalty', () => {
    // Where fines come before normalising, they change the statistics, too.
    const early = ['row-statistics', 'gigpo as published'].some(
      (name) => everyEstimator[name] === kind,
    );
    fc.assert(
      fc.property(randomTree, (random) => {
        const free = credits(kind.make(base), [random]);
        const fined = credits(kind.make({ ...base, invalidPenalty: 0.5 }), [random]);
        if (early) return;
        for (const [node, copies] of free) {
          const { valid } = random.turns.get(node.split(' ')[1] as never)!.response;
          for (const [i, { advantage }] of copies.entries())
            expect(fined.get(node)![i]!.advantage).toBe(advantage - (valid ? 0 : 0.5));
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('sums of advantages', () => {
  const total = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0);
  const base = { reward: byScore, invalidPenalty: 0, unavailablePenalty: 0 };

  /** Advantage and weight of every leaf: they are the same in all its copies. */
  const ofLeaves = (estimator: AdvantageEstimator, random: Tree): readonly CreditCopy[] => {
    const found = new Map<string, CreditCopy>();
    for (const copies of credits(estimator, [random]).values())
      for (const copy of copies) found.set(copy.leaf!, copy);
    return [...found.values()];
  };

  it('over the leaves are 0', () => {
    fc.assert(
      fc.property(randomTree, (random) => {
        for (const estimator of [
          leafStatistics(base),
          drGrpo(base),
          rloo(base),
          treeGrpo({ ...base, tree: 'root' }),
          treeGrpo({ ...base, tree: 'root', mode: 'intra' }),
          treeGrpo({ ...base, tree: 'root', mode: 'two-stage' }),
        ]) {
          const advantages = ofLeaves(estimator, random).map(({ advantage }) => advantage);
          expect(total(advantages)).toBeCloseTo(0, 9);
        }
      }),
    );
  });

  it('weighted by reach are 0 over the leaves', () => {
    fc.assert(
      fc.property(randomTree, (random) => {
        for (const make of [leafStatistics, drGrpo]) {
          const leaves = ofLeaves(make({ ...base, weights: 'reach' }), random);
          const weighted = leaves.map(({ advantage, weight }) => advantage * weight);
          expect(total(weighted)).toBeCloseTo(0, 9);
        }
      }),
    );
  });

  it('over siblings are 0', () => {
    fc.assert(
      fc.property(randomTree, (random) => {
        for (const estimator of [
          siblingLocal(base),
          siblingLocal({ ...base, credit: 'first-turn', values: 'children', std: false }),
          spoEdge({ ...base, dropZero: false }),
        ]) {
          const found = new Map(
            estimator.estimate([random]).map(({ node, copies }) => [node, copies[0]!.advantage]),
          );
          for (const parent of [null, ...random.turns.values()]) {
            const children = childrenOf(random, parent).flatMap(({ id }) => found.get(id) ?? []);
            if (children.length > 1) expect(total(children)).toBeCloseTo(0, 9);
          }
        }
      }),
    );
  });
});
