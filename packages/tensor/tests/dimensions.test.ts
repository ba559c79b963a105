import { InvalidInputError } from '@spark-rl/core';
import fc from 'fast-check';

import {
  addDims,
  canonicalDim,
  divideDims,
  evaluateDim,
  multiplyDims,
  subtractDims,
} from '../src/dimensions.js';
import type { Dim } from '../src/index.js';

describe('named dimensions', () => {
  it('have one way to be written', () => {
    expect(canonicalDim('time*batch')).toBe('batch*time');
    expect(canonicalDim('3*time + 2*time')).toBe('5*time');
    expect(canonicalDim('4')).toBe(4);
    expect(addDims(['time', 1, 'past'])).toBe('past+time+1');
    expect(multiplyDims(['time', 2, 'batch', 3])).toBe('6*batch*time');
    expect(multiplyDims([])).toBe(1);
    expect(multiplyDims([addDims(['past', 'time']), 'batch'])).toBe('batch*past+batch*time');
    expect(subtractDims(addDims(['past', 'time']), 'past')).toBe('time');
  });

  it('divide exactly or not at all', () => {
    expect(divideDims(['batch', 'time', 12], ['time', 4])).toBe('3*batch');
    expect(divideDims(['batch', 'past+time'], ['past+time'])).toBe('batch');
    expect(divideDims(['batch*past+batch*time'], ['batch'])).toBe('past+time');
    expect(divideDims(['batch', 3], [2])).toBeUndefined();
    expect(divideDims(['batch'], ['time'])).toBeUndefined();
  });

  it('evaluate as the numbers that they name', () => {
    const dim = fc.array(fc.constantFrom<Dim>('batch', 'time', 'past', 2, 3), { minLength: 1 });
    const sizes = new Map([
      ['batch', 5],
      ['time', 7],
      ['past', 11],
    ]);
    const valueOf = (part: Dim): number => evaluateDim(part, sizes);
    fc.assert(
      fc.property(dim, dim, (left, right) => {
        const product = left.map(valueOf).reduce((a, b) => a * b, 1);
        const sum = right.map(valueOf).reduce((a, b) => a + b, 0);
        expect(valueOf(multiplyDims(left))).toBe(product);
        expect(valueOf(addDims(right))).toBe(sum);
        expect(valueOf(multiplyDims([addDims(right), ...left]))).toBe(product * sum);
      }),
    );
  });

  it('refuse what cannot be read or is not known', () => {
    expect(() => canonicalDim('batch size')).toThrow(InvalidInputError);
    expect(() => evaluateDim('batch*time', new Map([['batch', 2]]))).toThrow(/"time" is not known/);
  });
});
