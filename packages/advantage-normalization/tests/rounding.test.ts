import { normalise } from '../src/index.js';

describe('equal up to rounding', () => {
  // One last bit apart.
  const [a, b] = [0.1 + 0.2, 0.3];

  it('is equal: last bits are divided by no deviation of last bits', () => {
    expect(a).not.toBe(b);
    expect(normalise([a, b, a], { std: true, ddof: 1, epsilon: 0 })).toEqual([0, 0, 0]);
  });

  it('is not taken for equal where rewards differ', () => {
    const [low, high] = normalise([1, 1 + 1e-9], { std: true, ddof: 1, epsilon: 0 });
    expect(low).toBeCloseTo(-Math.SQRT1_2, 6);
    expect(high).toBeCloseTo(Math.SQRT1_2, 6);
  });
});
