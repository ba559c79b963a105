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

  describe('from a narrower distribution', () => {
    /** 8/16, 4/16, 2/16, 1/16, 1/16. */
    const row = Float32Array.from([8, 4, 2, 1, 1], Math.log);

    it('renormalises what is left, and says how much that was', () => {
      const draw = sampleToken(row, options(0.9, { topK: 3, entropy: true, top: 5 }))!;
      const left = [8 / 14, 4 / 14, 2 / 14];
      expect(draw.token).toBe(2);
      expect(draw.logProb).toBeCloseTo(Math.log(left[2]!), 6);
      expect(draw.logKept).toBeCloseTo(Math.log(14 / 16), 6);
      expect(draw.entropy).toBeCloseTo(-left.reduce((sum, p) => sum + p * Math.log(p), 0), 6);
      expect(draw.top!.map(({ token }) => token)).toEqual([0, 1, 2]);
      expect(draw.top!.reduce((sum, { logProb }) => sum + Math.exp(logProb), 0)).toBeCloseTo(1, 9);
      expect(draw.logProb + draw.logKept!).toBeCloseTo(Math.log(2 / 16), 6);
    });

    it('cuts after the temperature', () => {
      // At temperature 1/2 the odds are squared: 64, 16, 4, 1, 1 of 86.
      const draw = sampleToken(row, options(0.5, { temperature: 0.5, topP: 0.75 }))!;
      expect(draw.logKept).toBeCloseTo(Math.log(80 / 86), 6);
      const warm = sampleToken(row, options(0.5, { temperature: 0.5, topP: 0.74 }))!;
      expect([warm.logProb, warm.logKept]).toEqual([0, expect.closeTo(Math.log(64 / 86), 6)]);
    });

    it('draws only allowed tokens, however unlikely', () => {
      const far = Float32Array.of(0, -2000, -2001);
      const draw = sampleToken(far, options(0, { allowed: Int32Array.of(1, 2), entropy: true }))!;
      expect(draw.token).toBe(1);
      expect(draw.logProb).toBeCloseTo(-Math.log(1 + Math.exp(-1)), 6);
      expect(draw.logKept).toBeCloseTo(-2000 + Math.log(1 + Math.exp(-1)), 3);
      const cut = sampleToken(far, options(0.99, { allowed: Int32Array.of(1, 2), topK: 1 }))!;
      expect([cut.token, cut.logProb]).toEqual([1, 0]);
      expect(cut.logKept).toBeCloseTo(-2000, 3);
    });

    it('is greedy among the allowed at temperature 0, and says whether that was the likeliest', () => {
      const greedy = options(0.5, { temperature: 0 });
      const other = sampleToken(row, { ...greedy, allowed: Int32Array.of(1, 3) })!;
      expect(other).toEqual({ token: 1, logProb: 0, logKept: -Infinity });
      const same = sampleToken(row, { ...greedy, allowed: Int32Array.of(0, 3) })!;
      expect(same).toEqual({ token: 0, logProb: 0, logKept: 0 });
      expect(sampleToken(row, greedy)).toEqual({ token: 0, logProb: 0 });
    });

    it('does not speak of it when nothing can be cut off', () => {
      expect(sampleToken(row, options(0.5, { topP: 1, minP: 0 }))).not.toHaveProperty('logKept');
    });

    it('is consistent with the whole distribution, whatever the logits', () => {
      const anything = fc.record({
        values: fc.float32Array({ min: -40, max: 40, noNaN: true, minLength: 2, maxLength: 20 }),
        temperature: fc.double({ min: 0.2, max: 2, noNaN: true }),
        u: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        topK: fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined }),
        topP: fc.option(fc.double({ min: 0.01, max: 1, noNaN: true }), { nil: undefined }),
        minP: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
        constrained: fc.boolean(),
      });
      fc.assert(
        fc.property(anything, ({ values, u, constrained, ...rest }) => {
          const allowed = constrained
            ? Int32Array.from(values.keys()).filter((id) => id % 2 === 1)
            : undefined;
          const whole = sampleToken(
            values,
            options(u, { temperature: rest.temperature, top: values.length }),
          )!;
          const draw = sampleToken(values, options(u, { ...rest, allowed, top: values.length }))!;
          const logProbs = new Map(whole.top!.map(({ token, logProb }) => [token, logProb]));
          if (allowed !== undefined) expect([...allowed]).toContain(draw.token);
          if (draw.logKept === undefined) expect(draw).toEqual(whole);
          for (const { token, logProb } of draw.top!) {
            const full = logProbs.get(token);
            // What underflows in the whole distribution has no entry there.
            if (full !== undefined) expect(logProb + (draw.logKept ?? 0)).toBeCloseTo(full, 6);
          }
          const total = draw.top!.reduce((sum, { logProb }) => sum + Math.exp(logProb), 0);
          expect(total).toBeCloseTo(1, 9);
        }),
        { numRuns: 300 },
      );
    });

    it('draws as often as the narrower probabilities say', () => {
      const { uniform } = randomSource(['narrow']);
      const counts = [0, 0, 0, 0, 0];
      const draws = 6000;
      for (let i = 0; i < draws; i++) {
        const narrow = { temperature: 1, topK: 4, topP: 0.95, minP: 0.2 };
        counts[sampleToken(row, { ...options(0), ...narrow, uniform })!.token]! += 1;
      }
      // 8, 4, 2, 1 of 15 after top-k; 0.95 takes all four; 0.2 of the likeliest drops the last.
      expect(counts.slice(3)).toEqual([0, 0]);
      const expected = [8, 4, 2].map((weight) => (draws * weight) / 14);
      const chiSquare = expected.reduce((sum, e, i) => sum + (counts[i]! - e) ** 2 / e, 0);
      // Two degrees of freedom: 13.8 is passed by chance once in a thousand.
      expect(chiSquare).toBeLessThan(13.8);
    });
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

  it.each([[[NaN, 0]], [[0, NaN]], [[0, Infinity]], [[-Infinity, -Infinity]]])(
    'gives null for %s',
    (row) => {
      expect(sampleToken(Float32Array.from(row), options(0.5))).toBeNull();
      const greedy = { ...options(0.5), temperature: 0 };
      expect(sampleToken(Float32Array.from(row), greedy)).toBeNull();
    },
  );
});
