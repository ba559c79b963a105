import {
  defaultAdamW,
  referenceEngine,
  type Engine,
  type HostTensor,
  type LossProgram,
  type Named,
} from '@spark-rl/tensor';
import fc from 'fast-check';

import { cases, type Case } from './support/cases.js';
import { engines } from './support/engines.js';
import { distance, float, int } from './support/tensors.js';
import { tinyExperience, tinyLoss, tinyWeights } from './support/tiny-transformer.js';

/** With beta1 = 0 and no clipping, the first moment after one step is the gradient. */
async function gradientsOn(
  engine: Engine,
  program: LossProgram,
  weights: Named<HostTensor>,
  inputs: Named<HostTensor>,
): Promise<Named<readonly number[]>> {
  const optimizer = { ...defaultAdamW, beta1: 0, maxGradientNorm: Infinity };
  const trainer = await engine.compileTraining(program, optimizer, weights);
  await trainer.step([inputs], { learningRate: 0 });
  const { firstMoments } = await trainer.snapshot();
  trainer.dispose();
  return Object.fromEntries(
    Object.entries(firstMoments).map(([name, { data }]) => [name, Array.from(data)]),
  );
}

const named = (tensors: readonly HostTensor[], dtype: HostTensor['dtype']): Named<HostTensor> =>
  Object.fromEntries(
    tensors.flatMap((tensor, i) => (tensor.dtype === dtype ? [[`t${i}`, tensor]] : [])),
  );

/** A loss that weighs every element of an operation's result differently. */
const lossOf = ({ program, tensors }: Case): LossProgram => ({
  name: 'operation',
  parameters: Object.fromEntries(
    Object.entries(named(tensors, 'float32')).map(([name, { shape }]) => [name, shape]),
  ),
  inputs: Object.fromEntries(
    Object.entries(named(tensors, 'int32')).map(([name, { shape }]) => [
      name,
      { dtype: 'int32' as const, shape },
    ]),
  ),
  run: (ops, p, x) => {
    const result = program(
      ops,
      tensors.map((_, i) => (p[`t${i}`] ?? x[`t${i}`])!),
    );
    const shape = ops.shapeOf(result) as readonly number[];
    const size = shape.reduce((a, b) => a * b, 1);
    const weights = Array.from({ length: size }, (_, i) => Math.sin(i + 1));
    const weighted = ops.mul(result, ops.constant(weights, shape));
    return { loss: ops.sum(weighted, [...shape.keys()]), metrics: {} };
  },
});

const WITHOUT_GRADIENT = ['less', 'lessEqual', 'equal', 'toFloat', 'oneHot', 'constant'];

describe.each(engines)('gradients on %s', (_, provider) => {
  let engine: Engine;
  const reference = referenceEngine();
  beforeAll(async () => {
    engine = await provider().open();
  });
  afterAll(() => engine.dispose());

  it.each(Object.entries(cases).filter(([name]) => !WITHOUT_GRADIENT.includes(name)))(
    'of %s agree with the reference',
    async (_name, arbitrary) => {
      await fc.assert(
        fc.asyncProperty(arbitrary, async (sample) => {
          const loss = lossOf(sample);
          const weights = named(sample.tensors, 'float32');
          const inputs = named(sample.tensors, 'int32');
          const found = await gradientsOn(engine, loss, weights, inputs);
          const expected = await gradientsOn(reference, loss, weights, inputs);
          for (const name of Object.keys(expected))
            expect(distance(found[name]!, expected[name]!)).toBeLessThan(2e-5);
        }),
        { numRuns: 12, seed: 11 },
      );
    },
  );

  it('of a transformer with a clipped loss agree with the reference', async () => {
    const weights = tinyWeights(1);
    const inputs = tinyExperience(2, 3, 5);
    const found = await gradientsOn(engine, tinyLoss, weights, inputs);
    const expected = await gradientsOn(reference, tinyLoss, weights, inputs);
    for (const name of Object.keys(expected)) {
      expect({ name, near: distance(found[name]!, expected[name]!) < 1e-5 }).toEqual({
        name,
        near: true,
      });
    }
    expect(Math.hypot(...found['embedding']!)).toBeGreaterThan(0.01);
    expect(found['unused']).toEqual([0, 0, 0]);
  });

  it('of equal operands go where TensorOps says', async () => {
    const loss: LossProgram = {
      name: 'ties',
      parameters: { a: [1], b: [1], zero: [1], row: [4] },
      inputs: {},
      run: (ops, p) => {
        const extremes = ops.add(
          ops.minimum(p['a']!, p['b']!),
          ops.mul(ops.constant(10), ops.maximum(p['a']!, p['b']!)),
        );
        const rest = ops.add(ops.abs(p['zero']!), ops.max(p['row']!, [0], true));
        return { loss: ops.sum(ops.add(extremes, rest), [0]), metrics: {} };
      },
    };
    const weights = {
      a: float([1], [2]),
      b: float([1], [2]),
      zero: float([1], [0]),
      row: float([4], [5, 1, 5, 0]),
    };
    const found = await gradientsOn(engine, loss, weights, {});
    expect(found).toEqual({ a: [11], b: [0], zero: [0], row: [0.5, 0, 0.5, 0] });
  });

  it('of where are summed over what was broadcast, at any rank', async () => {
    const loss: LossProgram = {
      name: 'deep where',
      parameters: { row: [3], deep: [2, 1, 2, 1, 3] },
      inputs: { pick: { dtype: 'int32', shape: [3] } },
      run: (ops, p, x) => {
        const chosen = ops.less(ops.toFloat(x['pick']!), ops.constant(0.5));
        const mixed = ops.where(chosen, p['row']!, p['deep']!);
        return { loss: ops.sum(mixed, [0, 1, 2, 3, 4]), metrics: {} };
      },
    };
    const weights = { row: float([3], [1, 2, 3]), deep: float([2, 1, 2, 1, 3], Array(12).fill(1)) };
    const found = await gradientsOn(engine, loss, weights, { pick: int([3], [0, 1, 0]) });
    expect(found['row']).toEqual([4, 0, 4]);
    expect(found['deep']).toEqual(Array(4).fill([0, 1, 0]).flat());
  });

  it('do not leak from the branch that where leaves out', async () => {
    const loss: LossProgram = {
      name: 'branches',
      parameters: { x: [2] },
      inputs: {},
      run: (ops, p) => {
        const positive = ops.less(ops.constant(0), p['x']!);
        const safe = ops.where(positive, p['x']!, ops.constant(1));
        const loss = ops.sum(ops.where(positive, ops.log(safe), ops.constant(0)), [0]);
        return { loss, metrics: {} };
      },
    };
    const found = await gradientsOn(engine, loss, { x: float([2], [0, 4]) }, {});
    expect(found).toEqual({ x: [0, 0.25] });
  });

  it('of gather add up where an index repeats', async () => {
    const loss: LossProgram = {
      name: 'lookup',
      parameters: { table: [3, 2] },
      inputs: {
        rows: { dtype: 'int32', shape: ['n'] },
        weights: { dtype: 'float32', shape: ['n', 1] },
      },
      run: (ops, p, x) => ({
        loss: ops.sum(ops.mul(ops.gather(p['table']!, x['rows']!), x['weights']!), [0, 1]),
        metrics: {},
      }),
    };
    const inputs = { rows: int([3], [2, 0, 2]), weights: float([3, 1], [1, 10, 100]) };
    const found = await gradientsOn(
      engine,
      loss,
      { table: float([3, 2], [1, 2, 3, 4, 5, 6]) },
      inputs,
    );
    expect(found).toEqual({ table: [10, 10, 0, 0, 101, 101] });
  });
});
