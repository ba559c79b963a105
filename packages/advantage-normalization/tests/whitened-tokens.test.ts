import { estimateBatch, reinforce, whitened } from '../src/index.js';
import { tree, type Sketch } from './trees.js';

/** The whitened advantages of single turns, one a root: how each ended, and how many response tokens it has. */
const whitenTurns = (
  turns: readonly (readonly [Sketch['next'], number])[],
  whitenEpsilon: number,
): number[] => {
  const group = [tree(turns.map(([next, tokens]) => ({ next, tokens })))];
  const estimator = whitened(reinforce(), { whitenEpsilon });
  return estimateBatch(estimator, [group]).flatMap(({ credits }) =>
    credits.flatMap(({ copies }) => copies.map(({ advantage }) => advantage)),
  );
};

describe('turns without response tokens', () => {
  it('do not count in the statistics, not even as what differs', () => {
    const only = [
      ['success', 1],
      ['failure', 0],
    ] as const;
    expect(whitenTurns(only, 1e-8)).toEqual([0, 0]);
    const equal = [
      ['success', 2],
      ['success', 3],
      ['failure', 0],
    ] as const;
    expect(whitenTurns(equal, 0)).toEqual([0, 0, 0]);
  });

  it('get what turns with tokens would get for the same advantage', () => {
    const [won, lost, silent] = whitenTurns(
      [
        ['success', 2],
        ['failure', 2],
        ['failure', 0],
      ],
      0,
    );
    // Mean 1/2; variance 1/4 with one of four tokens' freedom taken off: 1/3.
    expect(won).toBeCloseTo(0.5 / Math.sqrt(1 / 3), 12);
    expect(lost).toBeCloseTo(-0.5 / Math.sqrt(1 / 3), 12);
    expect(silent).toBe(lost);
  });
});
