import { randomSource } from '@spark-rl/core';
import type { Engine, HostTensor, TensorProgram } from '@spark-rl/tensor';

import { engines } from './support/engines.js';
import { float, int } from './support/tensors.js';
import { tinyBatch, tinyLogits, tinyWeights } from './support/tiny-transformer.js';

const ROWS = 16;

/** Some rows of a tensor. */
function rowsOf(tensor: HostTensor, rows: readonly number[]): HostTensor {
  const width = tensor.data.length / tensor.shape[0]!;
  const values = rows.flatMap((row) =>
    Array.from(tensor.data.subarray(row * width, (row + 1) * width)),
  );
  const shape = [rows.length, ...tensor.shape.slice(1)];
  return tensor.dtype === 'int32' ? int(shape, values) : float(shape, values);
}

const random = (seed: number, shape: readonly number[]): HostTensor => {
  const source = randomSource([seed, ...shape]);
  const size = shape.reduce((a, b) => a * b, 1);
  return float(
    shape,
    Array.from({ length: size }, () => source.normal()),
  );
};

describe.each(engines)('on %s a row gets the same bits beside any neighbours', (_, provider) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await provider().open();
  });
  afterAll(() => engine.dispose());

  it('as the engine says', () => {
    expect(engine.batchInvariant).toBe(true);
  });

  it.each([
    [3, 5],
    [8, 8],
    [17, 33],
    [64, 31],
    [130, 96],
  ])('in a product of %i by %i, and elementwise after it', async (k, n) => {
    const program: TensorProgram = {
      name: 'layer',
      parameters: { w: [k, n], tied: [n, k] },
      inputs: { x: { dtype: 'float32', shape: ['rows', k] } },
      run: (ops, p, x) => {
        const h = ops.matMul(x['x']!, p['w']!);
        const tied = ops.matMul(ops.tanh(x['x']!), p['tied']!, { transposeB: true });
        const mixed = ops.add(
          ops.mul(h, ops.sigmoid(h)),
          ops.exp(ops.mul(tied, ops.constant(0.1))),
        );
        return { soft: ops.logSoftmax(mixed), mean: ops.mean(ops.mul(h, h), [-1], true) };
      },
    };
    const compiled = await engine.compile(program);
    const parameters = engine.parameters({ w: random(1, [k, n]), tied: random(2, [n, k]) });
    const x = random(3, [ROWS, k]);
    const all = await compiled.run(parameters, { x });
    for (let row = 0; row < ROWS; row++) {
      // Alone: beside a copy of itself, as products have at least two rows.
      const alone = await compiled.run(parameters, { x: rowsOf(x, [row, row]) });
      for (const name of ['soft', 'mean'])
        expect(rowsOf(alone[name]!, [0]).data).toEqual(rowsOf(all[name]!, [row]).data);
    }
    parameters.dispose();
  });

  it('in a transformer', async () => {
    const compiled = await engine.compile(tinyLogits);
    const parameters = engine.parameters(tinyWeights(4));
    const inputs = tinyBatch(9, ROWS, 7);
    const all = await compiled.run(parameters, inputs);
    for (let row = 0; row < ROWS; row++) {
      const tokens = rowsOf(inputs['tokens']!, [row]);
      const alone = await compiled.run(parameters, { ...inputs, tokens });
      expect(alone['logits']!.data).toEqual(rowsOf(all['logits']!, [row]).data);
    }
    parameters.dispose();
  });

  it.each([
    [3, 20],
    [7, 12],
    [17, 40],
  ])('in a transformer of %i tokens padded to %i', async (time, padded) => {
    const compiled = await engine.compile(tinyLogits);
    const parameters = engine.parameters(tinyWeights(4));
    const long = tinyBatch(5, 4, padded);
    const short = {
      ...tinyBatch(5, 4, time),
      tokens: int(
        [4, time],
        [0, 1, 2, 3].flatMap((row) =>
          Array.from(long['tokens']!.data.subarray(row * padded, row * padded + time)),
        ),
      ),
    };
    const [all, alone] = [
      await compiled.run(parameters, long),
      await compiled.run(parameters, short),
    ].map((outputs) => outputs['logits']!);
    const width = all!.shape[2]!;
    for (let row = 0; row < 4; row++) {
      expect(all!.data.slice(row * padded * width, (row * padded + time) * width)).toEqual(
        alone!.data.slice(row * time * width, (row + 1) * time * width),
      );
    }
    parameters.dispose();
  });
});
