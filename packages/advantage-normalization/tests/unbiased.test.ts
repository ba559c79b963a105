import { leafStatistics, reinforce, rloo, type CopyWeights } from '../src/index.js';
import {
  cosine,
  distance,
  everyTree,
  expectedReward,
  expectedUpdate,
  policyGradient,
  size,
  stepped,
  type GrownTree,
  type World,
} from './enumerable-world.js';
import { everyEstimator } from './every-estimator.js';

const rewards: Record<string, number> = { ttt: 1, ett: 0.5, tee: 3, eee: -1, tet: 2 };
/** N = 3 binds as soon as one path explores; N = 4 lets both roots fork, or one of them twice. */
const world: World = {
  turns: 3,
  roots: 2,
  leaves: 3,
  reward: (path) => rewards[path] ?? 0.1 * path.length,
  explores: (state) => ({ '': 0.3, e: 0.6, t: 0.55, et: 0.2, tt: 0.45 })[state] ?? 0.35,
};
const roomy: World = { ...world, leaves: 4 };
const free: World = { ...world, leaves: 100 };

const byScore = { reward: (leaf: { score: number }): number => leaf.score, invalidPenalty: 0 };
const constant = (weights: CopyWeights, baseline: number): ReturnType<typeof reinforce> =>
  reinforce({ ...byScore, weights, baseline });

describe.each([
  ['a budget that binds at once', world, [2, 3]],
  ['a budget that paths contest', roomy, [2, 3, 4]],
  ['no limit', free, [2, 3, 4, 5, 6, 7, 8]],
] as const)('the expected update over every tree, with %s', (_, grown, sizes) => {
  const trees: readonly GrownTree[] = everyTree(grown);
  const exact = policyGradient(grown);
  const error = (weights: CopyWeights, baseline: number): number =>
    distance(expectedUpdate(grown, trees, constant(weights, baseline)), exact);

  it('is over trees whose probabilities add up to 1, of all sizes', () => {
    const total = trees.reduce((sum, { probability }) => sum + probability, 0);
    expect(total).toBeCloseTo(1, 12);
    expect([...new Set(trees.map(({ leaves }) => leaves))].sort()).toEqual(sizes);
  });

  it('is the policy gradient with weights reach, whatever the constant baseline', () => {
    for (const baseline of [0, 0.7, -5]) expect(error('reach', baseline)).toBeLessThan(1e-9);
  });

  it('is not with weights sum, and off with mean', () => {
    // Relative to the largest entry of the gradient.
    expect(error('sum', 0.7) / size(exact)).toBeGreaterThan(0.1);
    expect(error('mean', 0.7) / size(exact)).toBeGreaterThan(0.01);
  });

  it('is the policy gradient with a baseline from the other roots, by reach', () => {
    const estimator = rloo({ ...byScore, weights: 'reach', leaveOut: 'root' });
    expect(distance(expectedUpdate(grown, trees, estimator), exact)).toBeLessThan(1e-9);
    const byLeaf = rloo({ ...byScore, weights: 'reach' });
    expect(distance(expectedUpdate(grown, trees, byLeaf), exact)).toBeGreaterThan(1e-3);
  });
});

describe('the mean of the group as a baseline', () => {
  it('shrinks the update of independent leaves by (n - 1) / n and turns it nowhere', () => {
    const chains: World = { ...world, leaves: 2 };
    const update = expectedUpdate(
      chains,
      everyTree(chains),
      leafStatistics({ ...byScore, std: false }),
    );
    for (const [state, value] of Object.entries(policyGradient(chains)))
      expect(update[state]).toBeCloseTo(value / 2, 12);
  });
});

describe.each(Object.entries(everyEstimator))('%s', (name, kind) => {
  it('expects an update that makes the policy better', () => {
    // Rewards of 0 and 1, as all estimators take them: the only way to succeed is to think, explore, think.
    const bandit: World = { ...roomy, reward: (path) => (path === 'tet' ? 1 : 0) };
    const trees = everyTree(bandit);
    const exact = policyGradient(bandit);
    for (const weights of ['mean', 'reach'] as const) {
      const update = expectedUpdate(bandit, trees, kind.make({ ...byScore, weights }));
      expect(cosine(update, exact)).toBeGreaterThan(name === 'rlvmr' ? 0.3 : 0.5);
      const better = stepped(bandit, update, 0.01 / size(update));
      expect(expectedReward(better)).toBeGreaterThan(expectedReward(bandit));
    }
  });
});
