import { randomSource, type RandomSource } from '@spark-rl/core';
import {
  batchSequences,
  batchTries,
  differentiate,
  float64Ops,
  fromHost,
  graphBuilder,
  interpret,
  traceLoss,
  type HostTensor,
  type LossProgram,
  type ModelProgram,
  type Named,
  type SequenceBatch,
  type SequenceRow,
} from '@spark-rl/tensor';

import {
  decoderTransformer,
  initializeAdapters,
  initializeParameters,
  loraTransformer,
  transformerConfig,
  type TransformerOptions,
} from '../src/index.js';

const VOCABULARY = 5;

/** Sum of w (log p)^2 over targets: its gradient depends on every log-probability. */
const lossOf = (model: ModelProgram): LossProgram => ({
  name: 'weighed',
  parameters: model.parameters,
  inputs: {
    ...model.inputs,
    positions: { dtype: 'int32', shape: ['target'] },
    next: { dtype: 'int32', shape: ['target'] },
    weight: { dtype: 'float32', shape: ['target'] },
  },
  run: (ops, parameters, inputs) => {
    const all = ops.logSoftmax(model.logits(ops, parameters, inputs, inputs['positions']!));
    const chosen = ops.sum(ops.mul(ops.oneHot(inputs['next']!, VOCABULARY), all), [1]);
    const sum = ops.sum(ops.mul(inputs['weight']!, ops.mul(chosen, chosen)), [0]);
    return { loss: sum, metrics: {} };
  },
});

/** Loss and gradient in float64. */
function evaluate(
  model: ModelProgram,
  parameters: Named<HostTensor>,
  inputs: Named<HostTensor>,
): Record<string, Float64Array> {
  const program = lossOf(model);
  const builder = graphBuilder();
  const traced = traceLoss(builder, program);
  const gradients = differentiate(builder, traced.loss, traced.parameters);
  const feeds = (role: string, tensors: Named<HostTensor>) =>
    Object.entries(tensors).map(([name, tensor]) => [`${role}/${name}`, fromHost(tensor)] as const);
  const specs = (role: string, shapes: Named<{ readonly shape: readonly (number | string)[] }>) =>
    Object.entries(shapes).map(([name, spec]) => [`${role}/${name}`, spec] as const);
  const graph = {
    name: program.name,
    inputs: Object.fromEntries([
      ...specs('inputs', program.inputs),
      ...specs(
        'parameters',
        Object.fromEntries(
          Object.entries(model.parameters).map(([name, shape]) => [
            name,
            { dtype: 'float32', shape },
          ]),
        ),
      ),
    ]) as Named<LossProgram['inputs'][string]>,
    outputs: { loss: traced.loss, ...gradients },
  };
  const found = interpret(
    graph,
    float64Ops,
    Object.fromEntries([...feeds('inputs', inputs), ...feeds('parameters', parameters)]),
  );
  return Object.fromEntries(
    Object.entries(found).map(([name, { data }]) => [name, Float64Array.from(data)]),
  );
}

const addUp = (parts: readonly Record<string, Float64Array>[]): Record<string, Float64Array> =>
  parts.reduce((sum, part) =>
    Object.fromEntries(
      Object.entries(sum).map(([name, data]) => [
        name,
        data.map((value, i) => value + part[name]![i]!),
      ]),
    ),
  );

/** Rows of random trees: prompts that go on, siblings at forks, several roots. */
function randomRows(random: RandomSource, contextLength: number): SequenceRow[] {
  const rows: { tokens: number[]; targets: number[] }[] = [];
  const grow = (before: number[], targets: number[], depth: number): void => {
    const observation = Array.from({ length: 1 + random.integer(3) }, () => random.integer(5));
    const response = Array.from({ length: 1 + random.integer(4) }, () => random.integer(5));
    const start = before.length + observation.length;
    const tokens = [...before, ...observation, ...response].slice(0, contextLength);
    const trained = response.map((_, i) => start + i).filter((at) => at < tokens.length);
    const children = depth === 0 || tokens.length === contextLength ? 0 : 1 + random.integer(2);
    if (children === 0) rows.push({ tokens, targets: [...targets, ...trained] });
    // Turns before a fork are trained in the first row that has them.
    for (let i = 0; i < children; i++)
      grow(tokens, i === 0 ? [...targets, ...trained] : [], depth - 1);
  };
  for (let root = 0; root < 2; root++) grow([1, 2, 3], [], 3);
  return rows
    .filter(({ targets }) => targets.length > 0)
    .map(({ tokens, targets }) => ({
      tokens: Int32Array.from(tokens),
      targets: Int32Array.from(targets),
    }));
}

const weighed = (
  batch: Pick<SequenceBatch, 'rows' | 'positions' | 'targetTokens'>,
  rows: readonly SequenceRow[],
): Named<HostTensor> => {
  const shape = [batch.positions.length];
  const weight = new Float32Array(batch.positions.length);
  weight.set(
    batch.rows.flatMap((row) => [...rows[row]!.targets].map((at) => Math.sin(row + 3 * at))),
  );
  return {
    positions: { dtype: 'int32', shape, data: batch.positions },
    next: { dtype: 'int32', shape, data: batch.targetTokens },
    weight: { dtype: 'float32', shape, data: weight },
  };
};

const size = { contextLength: 40, vocabularySize: VOCABULARY, layers: 2, width: 8, heads: 2 };
const architectures: Readonly<Record<string, TransformerOptions>> = {
  plain: size,
  'grouped queries, biases': { ...size, keyValueHeads: 1, qkvBias: true, tiedHead: false },
  'norms of queries and keys, scaled rotary angles': {
    ...size,
    queryKeyNorm: true,
    ropeScaling: {
      factor: 8,
      lowFrequencyFactor: 1,
      highFrequencyFactor: 4,
      originalContextLength: 16,
    },
  },
};

const models = [
  ...Object.entries(architectures).map(([name, options]) => ({
    name,
    model: decoderTransformer(options),
    parameters: initializeParameters(transformerConfig(options), ['tries', name]),
  })),
  {
    name: 'adapters',
    model: loraTransformer(size, { rank: 2, alpha: 4 }),
    parameters: {
      ...initializeParameters(transformerConfig(size), ['tries']),
      ...initializeAdapters(transformerConfig(size), { rank: 2, alpha: 4 }, ['adapters']),
    },
  },
];

describe('a transformer over tries', () => {
  it.each(models)(
    'has the loss and the gradient of separate rows: $name',
    ({ model, parameters }) => {
      const onTries: ModelProgram = { ...model, ...model.tries! };
      for (let seed = 0; seed < 3; seed++) {
        const random = randomSource(['random trees', seed]);
        const rows = randomRows(random, size.contextLength);
        const options = { tokenBudget: random.pick([30, 1000]), contextLength: size.contextLength };
        const apart = addUp(
          batchSequences(rows, options).map((batch) =>
            evaluate(model, parameters, {
              ...model.prepare(batch.tokens, batch.batch, batch.time),
              ...weighed(batch, rows),
            }),
          ),
        );
        const packed = addUp(
          batchTries(rows, options).map((batch) =>
            evaluate(onTries, parameters, {
              ...model.tries!.prepare(batch),
              ...weighed(batch, rows),
            }),
          ),
        );
        expect(Object.keys(packed)).toEqual(Object.keys(apart));
        for (const [name, values] of Object.entries(apart)) {
          const largest = Math.max(...values.map(Math.abs), 1);
          for (const [i, value] of values.entries())
            expect(Math.abs(packed[name]![i]! - value) / largest).toBeLessThan(1e-9);
        }
        expect(Math.abs(apart['loss']![0]!)).toBeGreaterThan(0.01);
      }
    },
  );

  it('refuses positions beyond the context', () => {
    const rows = [{ tokens: new Int32Array(50), targets: Int32Array.of(49) }];
    const [batch] = batchTries(rows, { tokenBudget: 99, contextLength: 99 });
    expect(() => decoderTransformer(size).tries!.prepare(batch!)).toThrow(
      /a token stands at position 48; the context holds 40/,
    );
  });
});
