import { randomSource } from '@spark-rl/core';
import type { Engine, HostTensor, Named, TensorOps, TensorProgram } from '@spark-rl/tensor';

import { onnxCpu } from '../src/index.js';

const source = randomSource(['batch invariance']);
const normal = (shape: readonly number[]): HostTensor => ({
  dtype: 'float32',
  shape,
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => source.normal()),
});

/** Some rows (along the first axis) of a tensor. */
function rowsOf({ shape, data }: HostTensor, rows: readonly number[]): HostTensor {
  const width = data.length / shape[0]!;
  const picked = new Float32Array(rows.length * width);
  rows.forEach((row, at) => picked.set(data.subarray(row * width, (row + 1) * width), at * width));
  return { dtype: 'float32', shape: [rows.length, ...shape.slice(1)], data: picked };
}

function expectSameBits(found: HostTensor, expected: HostTensor): void {
  expect(found.shape).toEqual(expected.shape);
  const bits = ({ data }: HostTensor) => new Int32Array(data.buffer, data.byteOffset, data.length);
  expect(Buffer.compare(Buffer.from(bits(found).buffer), Buffer.from(bits(expected).buffer))).toBe(
    0,
  );
}

type Row = <T>(ops: TensorOps<T>, x: T, p: Named<T>) => T;
const rowPrograms: Named<{
  readonly widths: readonly (readonly [number, number])[];
  readonly run: Row;
}> = {
  // Inner dimensions above 128, with few columns for each thread, are where the blocks of a product may change.
  matMul: {
    widths: [
      [128, 512],
      [512, 128],
      [768, 50],
      [33, 130],
    ],
    run: (ops, x, p) => ops.matMul(x, p['w']!),
  },
  'matMul transposed': {
    widths: [[512, 128]],
    run: (ops, x, p) => ops.matMul(x, ops.transpose(p['w']!, [1, 0]), { transposeB: true }),
  },
  softmax: {
    widths: [
      [128, 1],
      [50, 1],
    ],
    run: (ops, x) => ops.softmax(x),
  },
  logSoftmax: {
    widths: [
      [512, 1],
      [50, 1],
    ],
    run: (ops, x) => ops.logSoftmax(x),
  },
  'root mean square norm': {
    // 33 and 10 are no multiple of 16: rows then begin at different alignments.
    widths: [
      [128, 1],
      [33, 1],
      [10, 1],
    ],
    run: (ops, x) =>
      ops.div(x, ops.sqrt(ops.add(ops.mean(ops.mul(x, x), [-1], true), ops.constant(1e-5)))),
  },
  'sum of a row': {
    widths: [
      [128, 1],
      [33, 1],
    ],
    run: (ops, x) => ops.sum(x, [-1], true),
  },
  'elementwise functions': {
    widths: [[33, 1]],
    run: (ops, x) => ops.mul(ops.tanh(ops.exp(x)), ops.sigmoid(x)),
  },
};

/** Queries attend to the first `length` of the keys. */
const attention = (heads: number, width: number): TensorProgram => ({
  name: 'attention',
  parameters: {},
  inputs: {
    q: { dtype: 'float32', shape: ['batch', heads, 'time', width] },
    k: { dtype: 'float32', shape: ['batch', heads, 'past', width] },
    v: { dtype: 'float32', shape: ['batch', heads, 'past', width] },
    length: { dtype: 'int32', shape: ['batch', 1, 1, 1] },
    positions: { dtype: 'int32', shape: ['past'] },
  },
  run: (ops, _p, x) => {
    const scores = ops.mul(
      ops.matMul(x['q']!, x['k']!, { transposeB: true }),
      ops.constant(width ** -0.5),
    );
    const seen = ops.less(x['positions']!, x['length']!);
    const masked = ops.where(seen, scores, ops.constant(-1e9));
    return { y: ops.matMul(ops.softmax(masked), x['v']!) };
  },
});

describe.each([1, 4])(
  'with %i threads a row has the same bits whatever stands beside it',
  (threads) => {
    let engine: Engine;
    beforeAll(async () => {
      engine = await onnxCpu({ threads }).open();
    });
    afterAll(() => engine.dispose());

    it.each(Object.keys(rowPrograms))(
      '%s: padded to 2 rows, among 15 others, among 199 others',
      async (name) => {
        const { widths, run } = rowPrograms[name]!;
        for (const [width, columns] of widths) {
          const program = await engine.compile({
            name,
            parameters: { w: [width, columns] },
            inputs: { x: { dtype: 'float32', shape: ['rows', width] } },
            run: (ops, p, x) => ({ y: run(ops, x['x']!, p) }),
          });
          const parameters = engine.parameters({ w: normal([width, columns]) });
          const x = normal([200, width]);
          const all = (await program.run(parameters, { x }))['y']!;
          for (const rows of [
            [17, 0],
            [0, 17],
            [5, 6, 7],
            Array.from({ length: 16 }, (_, i) => 3 * i + 1),
          ]) {
            const some = (await program.run(parameters, { x: rowsOf(x, rows) }))['y']!;
            expectSameBits(some, rowsOf(all, rows));
          }
          program.dispose();
        }
      },
    );

    it.each([
      [1, 64],
      [2, 32],
      [4, 16],
    ])('attention with %i heads of %i, also padded to a longer past', async (heads, width) => {
      const program = await engine.compile(attention(heads, width));
      const parameters = engine.parameters({});
      const [batch, time, longest] = [16, 16, 512];
      const q = normal([batch, heads, time, width]);
      const k = normal([batch, heads, longest, width]);
      const v = normal([batch, heads, longest, width]);
      /** The first `count` along axis 2 of the first `rows` rows. */
      const cut = ({ shape, data }: HostTensor, rows: number, count: number): HostTensor => {
        const from = shape[2]! * width;
        const blocks = Array.from({ length: rows * heads }, (_, block) =>
          data.subarray(block * from, block * from + count * width),
        );
        return {
          dtype: 'float32',
          shape: [rows, heads, count, width],
          data: Float32Array.from(blocks.flatMap((block) => [...block])),
        };
      };
      const run = async (rows: number, queries: number, past: number): Promise<HostTensor> =>
        (
          await program.run(parameters, {
            q: cut(q, rows, queries),
            k: cut(k, rows, past),
            v: cut(v, rows, past),
            length: {
              dtype: 'int32',
              shape: [rows, 1, 1, 1],
              data: Int32Array.from({ length: rows }, (_, row) => 300 + row),
            },
            positions: {
              dtype: 'int32',
              shape: [past],
              data: Int32Array.from({ length: past }, (_, i) => i),
            },
          })
        )['y']!;
      const expected = await run(batch, time, longest);
      for (const [rows, queries, past] of [
        [1, 2, 320],
        [1, 16, 320],
        [1, 16, 512],
        [2, 3, 384],
        [16, 2, 448],
      ] as const) {
        expectSameBits(await run(rows, queries, past), cut(expected, rows, queries));
      }
    });
  },
);

describe('a training step', () => {
  it('gives the same bits each time, also where many indices are equal', async () => {
    const engine = await onnxCpu({ threads: 4 }).open();
    const tokens: HostTensor = {
      dtype: 'int32',
      shape: [4096],
      data: Int32Array.from({ length: 4096 }, () => source.integer(7)),
    };
    const table = normal([8, 64]);
    const start = { table };
    const bits: string[] = [];
    for (let repeat = 0; repeat < 3; repeat++) {
      const trainer = await engine.compileTraining(
        {
          name: 'lookup',
          parameters: { table: [8, 64] },
          inputs: { tokens: { dtype: 'int32', shape: ['n'] } },
          run: (ops, p, x) => ({
            loss: ops.sum(ops.exp(ops.gather(p['table']!, x['tokens']!)), [0, 1]),
            metrics: {},
          }),
        },
        { beta1: 0, beta2: 0, epsilon: 1e-8, weightDecay: 0, maxGradientNorm: Infinity },
        start,
      );
      await trainer.step([{ tokens }], { learningRate: 1e-3 });
      const gradient = (await trainer.snapshot()).firstMoments['table']!;
      const counts = Array.from(
        { length: 8 },
        (_, row) => tokens.data.filter((token) => token === row).length,
      );
      gradient.data.forEach((value, i) => {
        const right = counts[Math.floor(i / 64)]! * Math.exp(table.data[i]!);
        expect(Math.abs(value - right)).toBeLessThan(1e-4 * (1 + right));
      });
      bits.push(Buffer.from(gradient.data.buffer).toString('base64'));
    }
    expect(new Set(bits).size).toBe(1);
    await engine.dispose();
  });
});
