import { randomSource } from '@spark-rl/core';
import fc from 'fast-check';

import { sampleToken, type DrawOptions } from '../src/index.js';

const options = (uniform: number, rest: Partial<DrawOptions> = {}): DrawOptions => ({
  temperature: 1,
  uniform: () => uniform,
  entropy: false,
  top: 0,
  ...rest,
});
/** Probabilities 1/2, 1/4, 1/4 at temperature 1; 2/3, 1/6, 1/6 at 1/2: logits are then doubled, odds squared. */
const logits = Float32Array.of(Math.log(2), 0, 0);

describe('sampleToken', () => {
  it('inverts the distribution function in the order of ids', () => {
    expect(
      [0, 0.499, 0.501, 0.749, 0.751, 0.999].map((u) => sampleToken(logits, options(u))!.token),
    ).toEqual([0, 0, 1, 1, 2, 2]);
  });

  it('reports the distribution it drew from', () => {
    const draw = sampleToken(logits, options(0.6, { entropy: true, top: 2 }))!;
    expect(draw.logProb).toBeCloseTo(Math.log(1 / 4), 6);
    expect(draw.entropy).toBeCloseTo(1.5 * Math.log(2), 6);
    expect(draw.top!.map((entry) => entry.token)).toEqual([0, 1]);
    expect(draw.top![0]!.logProb).toBeCloseTo(Math.log(1 / 2), 6);
    const cool = sampleToken(logits, options(0.6, { temperature: 0.5 }))!;
    expect(cool.token).toBe(0);
    expect(cool.logProb).toBeCloseTo(Math.log(2 / 3), 6);
  });

  it('has log-probabilities that add up to one, whatever the logits', () => {
    const values = fc.float32Array({
      noNaN: true,
      noDefaultInfinity: true,
      min: -90,
      max: 90,
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(
        values,
        fc.double({ min: 0.1, max: 2, noNaN: true }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (row, temperature, u) => {
          const draw = sampleToken(
            row,
            options(u, { temperature, entropy: true, top: row.length }),
          )!;
          const total = draw.top!.reduce((sum, { logProb }) => sum + Math.exp(logProb), 0);
          expect(total).toBeCloseTo(1, 9);
          expect(draw.top!.find(({ token }) => token === draw.token)!.logProb).toBe(draw.logProb);
          expect(Math.exp(draw.logProb)).toBeGreaterThan(0);
          expect(draw.entropy).toBeGreaterThanOrEqual(0);
          expect(draw.entropy).toBeLessThanOrEqual(Math.log(row.length) + 1e-9);
        },
      ),
    );
  });

  it('draws as often as the probabilities say', () => {
    const { uniform } = randomSource(['sample-token']);
    const counts = [0, 0, 0];
    for (let i = 0; i < 4000; i++)
      counts[sampleToken(logits, { ...options(0), uniform })!.token]! += 1;
    // Three standard deviations of 4000 draws at 1/2 are 95.
    expect(Math.abs(counts[0]! - 2000)).toBeLessThan(95);
    expect(Math.abs(counts[1]! - 1000)).toBeLessThan(83);
  });

  it('takes the likeliest token at temperature 0, without drawing', () => {
    const never = (): number => {
      throw new Error('drawn');
    };
    const draw = sampleToken(Float32Array.of(1, 3, 3), {
      temperature: 0,
      uniform: never,
      entropy: true,
      top: 2,
    });
    expect(draw).toEqual({ token: 1, logProb: 0, entropy: 0, top: [{ token: 1, logProb: 0 }] });
  });

  it.each([[[NaN, 0]], [[0, Infinity]], [[-Infinity, -Infinity]]])('gives null for %s', (row) => {
    expect(sampleToken(Float32Array.from(row), options(0.5))).toBeNull();
  });
});
