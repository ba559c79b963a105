import fc from 'fast-check';

import { cases, type Case } from './support/cases.js';
import { engines, tf } from './support/engines.js';
import { distance, float, inFloat64, onTfjs, type Program } from './support/tensors.js';

describe.each(engines)('every operation on %s agrees with float64', (backend, provider) => {
  beforeAll(async () => {
    await provider().open();
  });

  it.each(Object.entries(cases))('%s', (_name, arbitrary) => {
    fc.assert(
      fc.property(arbitrary, ({ program, tensors }) => {
        expect(tf.getBackend()).toBe(backend);
        const found = onTfjs(program, tensors);
        const expected = inFloat64(program, tensors);
        expect(found.shape).toEqual(expected.shape);
        expect(distance(found.values, expected.values)).toBeLessThan(1e-5);
      }),
      { numRuns: 30, seed: 7 },
    );
  });

  it('softmax, in order', () => {
    fc.assert(
      fc.property(cases['softmax']!, ({ program, tensors }) => {
        const found = onTfjs(program, tensors, { ordered: true });
        expect(distance(found.values, inFloat64(program, tensors).values)).toBeLessThan(1e-6);
      }),
      { numRuns: 30, seed: 7 },
    );
  });

  it('reads a named dimension off the tensor', () => {
    const x = float([2, 3, 2], [...Array(12).keys()]);
    const program: Program = (ops, [a]) => ops.reshape(a!, ['batch', -1]);
    expect(onTfjs(program, [x]).shape).toEqual([2, 6]);
    expect(() => onTfjs((ops, [a]) => ops.reshape(a!, [2, 3, 2, 'time']), [x])).toThrow(
      'dimension "time" stands at axis 3',
    );
  });

  it('frees all but its result', () => {
    const { numTensors } = tf.memory();
    for (const arbitrary of Object.values(cases)) {
      const [{ program, tensors }] = fc.sample(arbitrary, { numRuns: 1, seed: 3 }) as [Case];
      onTfjs(program, tensors);
    }
    expect(tf.memory().numTensors).toBe(numTensors);
  });
});
