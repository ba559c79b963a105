import { InvalidInputError } from '@spark-rl/core';
import type { Engine, TensorProgram } from '@spark-rl/tensor';

import { tfjsEngine } from '../src/index.js';
import { engines, tf } from './support/engines.js';
import { float, int } from './support/tensors.js';
import { tinyBatch, tinyLogits, tinyWeights } from './support/tiny-transformer.js';

const scale: TensorProgram = {
  name: 'scale',
  parameters: { weight: [2] },
  inputs: {
    x: { dtype: 'float32', shape: ['batch', 2] },
    rows: { dtype: 'int32', shape: ['batch'] },
  },
  run: (ops, p, x) => ({
    scaled: ops.mul(x['x']!, p['weight']!),
    rows: x['rows']!,
    weight: p['weight']!,
  }),
};
const weight = float([2], [2, 10]);
const x = float([3, 2], [1, 2, 3, 4, 5, 6]);
const rows = int([3], [7, 8, 9]);

describe.each(engines)('the engine on %s', (backend, provider) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await provider().open();
  });
  afterAll(() => engine.dispose());

  it('says what it is', () => {
    expect(engine.id).toBe(`tfjs-${backend}`);
    expect(engine.device).toContain('CPU');
  });

  it('runs a program', async () => {
    const compiled = await engine.compile(scale);
    const parameters = engine.parameters({ weight });
    expect(await compiled.run(parameters, { x, rows })).toEqual({
      scaled: float([3, 2], [2, 20, 6, 40, 10, 60]),
      rows,
      weight,
    });
    compiled.dispose();
    parameters.dispose();
  });

  it('shares no memory with its caller', async () => {
    const compiled = await engine.compile(scale);
    const mine = float([2], [2, 10]);
    const parameters = engine.parameters({ weight: mine });
    mine.data[0] = 99;
    const first = await compiled.run(parameters, { x, rows });
    first['weight']!.data[1] = 99;
    const read = await parameters.read();
    read['weight']!.data[0] = 99;
    expect(await parameters.read()).toEqual({ weight });
    expect(x.data[0]).toBe(1);
    parameters.dispose();
  });

  it.each([
    ['a missing input', { x }, 'rows is missing'],
    ['an unknown input', { x, rows, y: x }, 'y is not known'],
    ['a wrong type', { x, rows: float([3], [1, 2, 3]) }, 'rows is of type float32'],
    ['a wrong size', { x: float([3, 3], Array(9).fill(0)), rows }, 'x has the shape [3, 3]'],
    ['unequal batches', { x, rows: int([2], [0, 0]) }, 'rows has the shape [2]'],
    ['too few values', { x: float([3, 2], [1]), rows }, 'x has 1 values'],
  ])('refuses %s by name', async (_, inputs, message) => {
    const compiled = await engine.compile(scale);
    const parameters = engine.parameters({ weight });
    const run = compiled.run(parameters, inputs);
    await expect(run).rejects.toThrow(InvalidInputError);
    await expect(run).rejects.toThrow(message);
    parameters.dispose();
  });

  it('refuses parameters that do not fit the program, are disposed of, or belong to another engine', async () => {
    const compiled = await engine.compile(scale);
    const inputs = { x, rows };
    const wide = engine.parameters({ weight: float([3], [1, 2, 3]) });
    const other = engine.parameters({ bias: weight });
    const gone = engine.parameters({ weight });
    gone.dispose();
    const second = tfjsEngine(tf, { id: 'second', device: 'test' });
    const foreign = second.parameters({ weight });
    await expect(compiled.run(wide, inputs)).rejects.toThrow('weight is float32 [3], expected');
    await expect(compiled.run(other, inputs)).rejects.toThrow('weight is missing');
    await expect(compiled.run(gone, inputs)).rejects.toThrow('not held by this engine');
    await expect(gone.read()).rejects.toThrow('not held by this engine');
    await expect(compiled.run(foreign, inputs)).rejects.toThrow('not held by this engine');
    expect(() => engine.parameters({ weight: rows })).toThrow('weight is of type int32');
    await second.dispose();
    for (const set of [wide, other]) set.dispose();
  });

  it('refuses truth values as outputs', async () => {
    const compiled = await engine.compile({
      name: 'compare',
      parameters: {},
      inputs: { x: { dtype: 'float32', shape: [2] } },
      run: (ops, _, inputs) => ({ small: ops.less(inputs['x']!, ops.constant(1)) }),
    });
    const run = compiled.run(engine.parameters({}), { x: weight });
    await expect(run).rejects.toThrow('outputs of compare: small is of type bool');
  });

  it('keeps nothing of a run, even of one that fails', async () => {
    const compiled = await engine.compile(tinyLogits);
    const failing = await engine.compile({
      ...tinyLogits,
      run: (ops, p, inputs) => {
        tinyLogits.run(ops, p, inputs);
        throw new Error('the program failed');
      },
    });
    const before = tf.memory().numTensors;
    const parameters = engine.parameters(tinyWeights(1));
    const held = tf.memory().numTensors;
    for (const batch of [2, 3, 4]) {
      await compiled.run(parameters, tinyBatch(batch, batch, 5));
      await expect(failing.run(parameters, tinyBatch(batch, batch, 5))).rejects.toThrow('failed');
      expect(tf.memory().numTensors).toBe(held);
    }
    parameters.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('frees all it holds when disposed of', async () => {
    const before = tf.memory().numTensors;
    const own = await provider().open();
    own.parameters(tinyWeights(1));
    await own.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

it('engines of two backends take turns in one process', async () => {
  const [cpu, wasm] = await Promise.all(engines.map(([, provider]) => provider().open()));
  const both = [cpu!, wasm!];
  const sets = both.map((engine) => engine.parameters(tinyWeights(1)));
  const compiled = await Promise.all(both.map((engine) => engine.compile(tinyLogits)));
  for (const seed of [1, 2, 3]) {
    const inputs = tinyBatch(seed, 2, 4);
    // Started together, so that each waits for its data while the other computes.
    const [a, b] = await Promise.all(compiled.map((program, i) => program.run(sets[i]!, inputs)));
    const pairs = Array.from(a!['logits']!.data, (value, i) => [value, b!['logits']!.data[i]!]);
    for (const [left, right] of pairs) expect(left).toBeCloseTo(right!, 4);
  }
  const backends = new Set<unknown>();
  for (const engine of both) {
    const seen = await engine.compile({
      name: 'spy',
      parameters: {},
      inputs: {},
      run: (ops) => {
        backends.add(tf.getBackend());
        return { nothing: ops.constant(0) };
      },
    });
    await seen.run(engine.parameters({}), {});
  }
  expect([...backends]).toEqual(['cpu', 'wasm']);
  await Promise.all(both.map((engine) => engine.dispose()));
});
